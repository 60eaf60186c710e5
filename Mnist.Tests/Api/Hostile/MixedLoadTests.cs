using Mnist.Core.Batching;
using Mnist.Inference;
using Mnist.Tests.Core;

namespace Mnist.Tests.Api.Hostile;

/// <summary>Many clients at once: every answer belongs to its own images, and memory does not grow.</summary>
public sealed class MixedLoadTests
{
    private const int Connections = 64;

    [Test]
    public async Task Answers_OfManyClientsAtOnce_BelongToTheirImages()
    {
        const double WarmUp = 0.1;
        const int Samples = 60;
        const double MaxSlope = 1;
        int requests = LongRun.Count(quick: 3000, full: 1_000_000);
        var digits = KnownDigits.OfShippedWeights(LongRun.Count(quick: 300, full: 10_000));
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), "--Serilog:MinimumLevel:Default=Warning");
        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        var load = new MixedLoad(address, digits);

        var run = load.RunAsync(requests, Connections, CancellationToken.None);
        var memory = new List<(double Requests, double Memory)>();
        while (!run.IsCompleted)
        {
            double done = load.Right + load.Refused + load.Aborted;
            if (done > requests * (WarmUp + (1 - WarmUp) * memory.Count / Samples))
            {
                memory.Add((done / 1e6, server.ResidentMebibytes));
            }

            await Task.WhenAny(run, Task.Delay(20));
        }

        await run;
        double slope = Slope(memory);
        LongRun.Report($"{load.Right} right answers for {load.Images} images, {load.Mismatches} wrong, {load.Unanswered} missing, {load.Refused} refused, {load.Aborted} given up by the client");
        string course = string.Join(' ', memory.Where((_, i) => i % (Samples / 10) == 0).Select(sample => $"{sample.Memory:0}"));
        LongRun.Report($"memory in MiB, from a tenth of the requests on: {course}; {slope:+0.00;-0.00} MiB for a million requests");
        Assert.That(digits.DifferentAnswers, Is.EqualTo(digits.Count), "an image with the answer of another could not be told from it");
        Assert.That(load.Mismatches, Is.Zero, load.FirstMismatch);
        Assert.That(load.Unanswered, Is.Zero);
        Assert.That(server.Output, Does.Not.Contain("\"@l\":\"Error\""), "a client that is gone is no error of the server");
        Assert.That(load.Right, Is.GreaterThan(requests * 0.9));
        if (LongRun.IsFull)
        {
            Assert.That(slope, Is.LessThanOrEqualTo(MaxSlope), "MiB for a million requests");
        }
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

    /// <summary>Least squares.</summary>
    private static double Slope(List<(double X, double Y)> points)
    {
        double meanX = points.Average(point => point.X);
        double meanY = points.Average(point => point.Y);
        return points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX));
    }
}
