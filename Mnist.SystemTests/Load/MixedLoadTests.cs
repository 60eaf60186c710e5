using Mnist.Core.Models;
using Mnist.Inference;

namespace Mnist.SystemTests.Load;

/// <summary>Many concurrent clients: every answer belongs to its images, and memory does not grow.</summary>
public sealed class MixedLoadTests
{
    private const int Connections = 64;

    private const int FullRequests = 1_000_000;

    /// <summary>MiB, half of a leak of 100 bytes per request: above it, memory has leaked.</summary>
    private const int Leaked = 48;

    [Test]
    public async Task Answers_OfConcurrentClients_BelongToTheirImages()
    {
        int requests = LongRun.Count(quick: 3000, FullRequests);
        var digits = KnownDigits.OfShippedWeights(LongRun.Count(quick: 300, full: 10_000));
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), "--Serilog:MinimumLevel:Default=Warning");
        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        var load = new MixedLoad(address, digits);

        var memory = await WatchAsync(load, requests, server);

        LongRun.Report($"{load.Right} right answers for {load.Images} images, {load.Mismatches} wrong, {load.Unanswered} missing, {load.Refused} refused, {load.Aborted} aborted by the client");
        LongRun.Report($"{memory}");
        Assert.That(digits.DifferentAnswers, Is.EqualTo(digits.Count), "two images with the same answer could be swapped unnoticed");
        Assert.That(load.Mismatches, Is.Zero, load.FirstMismatch);
        Assert.That(load.Unanswered, Is.Zero);
        Assert.That(server.Output, Does.Not.Contain("\"@l\":\"Error\""), "a client that disconnects is not an error");
        Assert.That(load.Right, Is.GreaterThan(requests * 0.9));
        Assert.That(memory.Slope * requests / 1e6, Is.LessThan(Leaked), "MiB in all");
        if (LongRun.IsFull)
        {
            Assert.That(memory.Slope, Is.LessThanOrEqualTo(MemoryCourse.MaxSlope), "MiB per million requests");
        }
    }

    [Test]
    public async Task Memory_OfAServerThatLeaks100BytesPerRequest_IsDetected()
    {
        // The total is the same for every number of requests.
        int requests = LongRun.Count(quick: 3000, FullRequests);
        int leak = 100 * FullRequests / requests;
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(
            Leak.Command(leak), address.ToString(), [.. RandomWeights.Arguments, "--Serilog:MinimumLevel:Default=Warning"]);
        await server.WaitUntilReadyAsync(address, CancellationToken.None);

        var memory = await WatchAsync(new MixedLoad(address, KnownDigits.OfRandomWeights(300)), requests, server);

        LongRun.Report($"{leak} bytes per request, {requests} requests: {memory}");
        Assert.That(memory.Slope * requests / 1e6, Is.GreaterThan(Leaked), "MiB in all");
        Assert.That(memory.Slope, Is.GreaterThan(MemoryCourse.MaxSlope), "MiB per million requests");
    }

    [Test]
    public async Task Answers_OfAServerThatSwapsTwo_AreDetected()
    {
        // 3,000 requests make at least 168 batches (without vector instructions).
        const int BatchesPerSwap = 50;
        var network = Network.Load(RandomWeights.Path);
        using var workspaces = new ThreadLocal<Workspace>(() => network.CreateWorkspace(64));
        int batches = 0;
        await using var server = MnistServer.StartWith((images, batchSize, logits) =>
        {
            network.Forward(images, batchSize, workspaces.Value!, logits);
            if (batchSize > 1 && Interlocked.Increment(ref batches) % BatchesPerSwap == 0)
            {
                Span<float> first = stackalloc float[Predictions.ClassCount];
                logits[..Predictions.ClassCount].CopyTo(first);
                logits.Slice(Predictions.ClassCount, Predictions.ClassCount).CopyTo(logits);
                first.CopyTo(logits[Predictions.ClassCount..]);
            }
        });
        var load = new MixedLoad(server.Client.BaseAddress!, KnownDigits.OfRandomWeights(300));
        await load.RunAsync(requests: 3000, Connections, CancellationToken.None);

        Assert.That(batches, Is.GreaterThanOrEqualTo(BatchesPerSwap));
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
