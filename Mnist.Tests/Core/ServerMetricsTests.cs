using Mnist.Core.Metrics;
using Mnist.Core.Requests;
using Mnist.Tests.Inference;

namespace Mnist.Tests.Core;

public sealed class ServerMetricsTests
{
    private static readonly ClassifyResponseItem[] Answers = [.. Enumerable.Range(0, 64).Select(i => new ClassifyResponseItem(i % 3, 1))];

    [Test]
    public void CountPredictions_FromManyThreads_LosesNone()
    {
        using var recorded = new RecordedMetrics();
        Parallel.For(0, 1000, _ => recorded.Metrics.CountPredictions(Answers));
        recorded.Ask();

        var counts = recorded.Of("mnist.predictions").ToDictionary(count => count.Tag!, count => count.Value);
        Assert.That(counts, Has.Count.EqualTo(10));
        Assert.That(counts["0"], Is.EqualTo(22_000));
        Assert.That(counts["1"] + counts["2"], Is.EqualTo(42_000));
        Assert.That(counts["3"], Is.Zero);
    }

    [Test]
    public void Record_AllocatesNothing()
    {
        using var metrics = new ServerMetrics();

        Assert.That(Allocation.LeastOf(() =>
        {
            metrics.RecordDecode(TimeSpan.FromMicroseconds(20), normalized: true);
            metrics.RecordQueue(TimeSpan.FromMicroseconds(20));
            metrics.RecordBatch(64, TimeSpan.FromMicroseconds(20));
            metrics.CountProblem("full");
            metrics.CountPredictions(Answers);
        }), Is.Zero);
    }

    [Test]
    public void CountProblem_IsRecordedUnderTheFormerNameToo()
    {
        using var recorded = new RecordedMetrics();
        recorded.Metrics.CountProblem("full");

        Assert.That(recorded.Of("mnist.problems"), Is.EqualTo(new[] { (1.0, "full") }));
        Assert.That(recorded.Of("mnist.rejections"), Is.EqualTo(new[] { (1.0, "full") }));
    }
}
