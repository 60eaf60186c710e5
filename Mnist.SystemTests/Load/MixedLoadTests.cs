using Mnist.Core.Models;
using Mnist.Inference;

namespace Mnist.SystemTests.Load;

/// <summary>Many clients at once: every answer belongs to its own images, and memory does not grow.</summary>
public sealed class MixedLoadTests
{
    private const int Connections = 64;

    private const int FullRequests = 1_000_000;

    /// <summary>MiB that tell a leak of 100 bytes a request, which is 95 in all, from what a server needs besides.</summary>
    private const int Leaked = 48;

    [Test]
    public async Task Answers_OfManyClientsAtOnce_BelongToTheirImages()
    {
        int requests = LongRun.Count(quick: 3000, FullRequests);
        var digits = KnownDigits.OfShippedWeights(LongRun.Count(quick: 300, full: 10_000));
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), "--Serilog:MinimumLevel:Default=Warning");
        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        var load = new MixedLoad(address, digits);

        var memory = await WatchAsync(load, requests, server);

        LongRun.Report($"{load.Right} right answers for {load.Images} images, {load.Mismatches} wrong, {load.Unanswered} missing, {load.Refused} refused, {load.Aborted} given up by the client");
        LongRun.Report($"{memory}");
        Assert.That(digits.DifferentAnswers, Is.EqualTo(digits.Count), "an image with the answer of another could not be told from it");
        Assert.That(load.Mismatches, Is.Zero, load.FirstMismatch);
        Assert.That(load.Unanswered, Is.Zero);
        Assert.That(server.Output, Does.Not.Contain("\"@l\":\"Error\""), "a client that is gone is no error of the server");
        Assert.That(load.Right, Is.GreaterThan(requests * 0.9));
        Assert.That(memory.Slope * requests / 1e6, Is.LessThan(Leaked), "MiB in all");
        if (LongRun.IsFull)
        {
            Assert.That(memory.Slope, Is.LessThanOrEqualTo(MemoryCourse.MaxSlope), "MiB for a million requests");
        }
    }

    [Test]
    public async Task Memory_OfAServerThatLeaksAHundredBytesARequest_IsFoundOut()
    {
        // Fewer requests leak more each: as much in all.
        int requests = LongRun.Count(quick: 3000, FullRequests);
        int leak = 100 * FullRequests / requests;
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(
            Leak.Command(leak), address.ToString(), [.. RandomWeights.Arguments, "--Serilog:MinimumLevel:Default=Warning"]);
        await server.WaitUntilReadyAsync(address, CancellationToken.None);

        var memory = await WatchAsync(new MixedLoad(address, KnownDigits.OfRandomWeights(300)), requests, server);

        LongRun.Report($"{leak} bytes for each of {requests} requests: {memory}");
        Assert.That(memory.Slope * requests / 1e6, Is.GreaterThan(Leaked), "MiB in all");
        Assert.That(memory.Slope, Is.GreaterThan(MemoryCourse.MaxSlope), "MiB for a million requests");
    }

    [Test]
    public async Task Answers_OfAServerThatSwapsTwo_AreFoundOut()
    {
        // A slow engine makes few and large batches of the 3,000 requests: 168 without vectors.
        const int SoundBatches = 50;
        var network = Network.Load(RandomWeights.Path);
        using var workspaces = new ThreadLocal<Workspace>(() => network.CreateWorkspace(64));
        int batches = 0;
        await using var server = MnistServer.StartWith((images, batchSize, logits) =>
        {
            network.Forward(images, batchSize, workspaces.Value!, logits);
            if (batchSize > 1 && Interlocked.Increment(ref batches) % SoundBatches == 0)
            {
                Span<float> first = stackalloc float[Predictions.ClassCount];
                logits[..Predictions.ClassCount].CopyTo(first);
                logits.Slice(Predictions.ClassCount, Predictions.ClassCount).CopyTo(logits);
                first.CopyTo(logits[Predictions.ClassCount..]);
            }
        });
        var load = new MixedLoad(server.Client.BaseAddress!, KnownDigits.OfRandomWeights(300));
        await load.RunAsync(requests: 3000, Connections, CancellationToken.None);

        Assert.That(batches, Is.GreaterThanOrEqualTo(SoundBatches));
        Assert.That(load.Mismatches, Is.Positive);
    }

    private static async Task<MemoryCourse> WatchAsync(MixedLoad load, int requests, ServerProcess server)
    {
        var memory = new MemoryCourse();
        var run = load.RunAsync(requests, Connections, CancellationToken.None);
        while (!run.IsCompleted)
        {
            memory.Watch(load.Right + load.Refused + load.Aborted, requests, () => server.ResidentMebibytes);
            await Task.WhenAny(run, Task.Delay(20));
        }

        await run;
        return memory;
    }
}
