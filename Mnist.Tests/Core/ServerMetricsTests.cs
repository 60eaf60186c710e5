using System.Diagnostics.Metrics;
using Mnist.Core.Contract;
using Mnist.Core.Observability;
using Mnist.Tests.Inference;

namespace Mnist.Tests.Core;

public sealed class ServerMetricsTests
{
    private static readonly ClassifyResponseItem[] Answers = [.. Enumerable.Range(0, 64).Select(i => new ClassifyResponseItem(i % 3, 1))];

    [Test]
    public void CountPredictions_FromManyThreads_LosesNone()
    {
        // Servers of other tests have meters of the same name: only what is published from here on counts.
        bool isOurs = false;
        Dictionary<string, long> counts = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (isOurs && instrument.Name == "mnist.predictions")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counts.Add((string)tags[0].Value!, value));
        listener.Start();
        isOurs = true;
        using var metrics = new ServerMetrics();
        isOurs = false;
        Parallel.For(0, 1000, _ => metrics.CountPredictions(Answers));
        listener.RecordObservableInstruments();

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
            metrics.CountRejection("full");
            metrics.CountPredictions(Answers);
        }), Is.Zero);
    }
}
