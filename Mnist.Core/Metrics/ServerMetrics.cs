using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Mnist.Core.Models;
using Mnist.Core.Requests;

namespace Mnist.Core.Metrics;

/// <summary>
/// The server's metrics. Recording takes no lock and allocates nothing, and costs next to nothing while nobody listens. Predictions are counted in
/// plain numbers, which are read when metrics are collected.
/// </summary>
public sealed class ServerMetrics : IDisposable
{
    /// <summary>Name of the meter, and of the source of spans.</summary>
    public const string MeterName = "Mnist";

    /// <summary>Upper bounds in seconds, from the time of one image to beyond the default deadline.</summary>
    private static readonly double[] Seconds =
        [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 24, 32, 48, 64, 128, 256, 512, 1024];

    private static readonly KeyValuePair<string, object?>[] DigitTags =
        [.. Enumerable.Range(0, Predictions.ClassCount).Select(digit => KeyValuePair.Create("class", (object?)digit.ToString(CultureInfo.InvariantCulture)))];

    private static readonly KeyValuePair<string, object?> Normalized = new("normalized", "true");

    private static readonly KeyValuePair<string, object?> NotNormalized = new("normalized", "false");

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _decode;
    private readonly Histogram<double> _queue;
    private readonly Histogram<double> _inference;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _problems;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _reloads;
    private readonly long[] _predictions = new long[Predictions.ClassCount];

    public ServerMetrics()
    {
        _decode = Duration("mnist.decode.duration", "Reading JSON and decoding images, normalized or not: a request's time from the arrival of its body, without queue and inference.");
        _queue = Duration("mnist.queue.duration", "From queueing a request to the moment a worker takes its first image.");
        _inference = Duration("mnist.inference.duration", "One batch in the engine.");
        _batchSize = _meter.CreateHistogram("mnist.batch.size", "{image}", "Images of one batch.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = BatchSizes });
        _problems = _meter.CreateCounter<long>("mnist.problems", "{request}", "Requests that were answered with a problem, by its type.");
        _rejections = _meter.CreateCounter<long>("mnist.rejections", "{request}", "The former name of mnist.problems.");
        _reloads = _meter.CreateCounter<long>("mnist.reloads", "{reload}", "Attempts to reload the weights file, by result.");
        _meter.CreateObservableCounter("mnist.predictions", ReadPredictions, "{image}", "Classified images, by predicted class.");
    }

    /// <summary>The spans inside a request. Without a listener there are none, and nothing is allocated for them.</summary>
    public static ActivitySource Spans { get; } = new(MeterName);

    /// <summary>Buckets of every duration.</summary>
    public static IReadOnlyList<double> DurationBuckets => Seconds;

    /// <summary>Reports the server's state whenever metrics are collected. Predictions are counted from now on: those of the warm-up had no client.</summary>
    /// <param name="inFlight">Images in flight.</param>
    /// <param name="queued">Images in the queue.</param>
    /// <param name="stuckWorkers">Workers that hang.</param>
    /// <param name="modelVersion">Version of the model.</param>
    public void Observe(Func<int> inFlight, Func<int> queued, Func<int> stuckWorkers, Func<string> modelVersion)
    {
        Array.Clear(_predictions);
        _meter.CreateObservableGauge("mnist.images.in_flight", inFlight, "{image}", "Images that are being received, decoded, queued or computed.");
        _meter.CreateObservableGauge("mnist.queue.depth", queued, "{image}", "Images that no worker has taken yet.");
        _meter.CreateObservableGauge("mnist.workers.stuck", stuckWorkers, "{worker}", "Workers whose batch takes longer than the stall timeout.");
        _meter.CreateObservableGauge("mnist.model.info", () => new Measurement<int>(1, KeyValuePair.Create("version", (object?)modelVersion())),
            description: "1 for the version of the weights in use.");
    }

    /// <summary>Reports the log lines that the console did not take.</summary>
    public void ObserveDroppedLogLines(Func<long> read) =>
        _meter.CreateObservableCounter("mnist.log.dropped", read, "{line}", "Log lines that were dropped because the console did not take them.");

    /// <summary>Makes counters start at zero: without a first value, an increase to one would be invisible.</summary>
    public void DeclareCounters(IEnumerable<string> problemTypes)
    {
        ArgumentNullException.ThrowIfNull(problemTypes);
        foreach (string type in problemTypes)
        {
            _problems.Add(0, new KeyValuePair<string, object?>("type", type));
            _rejections.Add(0, new KeyValuePair<string, object?>("reason", type));
        }

        _reloads.Add(0, Result(true));
        _reloads.Add(0, Result(false));
    }

    public void RecordDecode(TimeSpan duration, bool normalized) => _decode.Record(duration.TotalSeconds, normalized ? Normalized : NotNormalized);

    public void RecordQueue(TimeSpan duration) => _queue.Record(duration.TotalSeconds);

    public void RecordBatch(int images, TimeSpan duration)
    {
        _batchSize.Record(images);
        _inference.Record(duration.TotalSeconds);
    }

    /// <summary>Counts an answer that is a problem.</summary>
    public void CountProblem(string type)
    {
        _problems.Add(1, new KeyValuePair<string, object?>("type", type));
        _rejections.Add(1, new KeyValuePair<string, object?>("reason", type));
    }

    public void CountReload(bool succeeded) => _reloads.Add(1, Result(succeeded));

    public void CountPredictions(IReadOnlyList<ClassifyResponseItem> responses)
    {
        ArgumentNullException.ThrowIfNull(responses);
        Span<int> counts = stackalloc int[Predictions.ClassCount];
        counts.Clear();
        for (int i = 0; i < responses.Count; i++)
        {
            counts[responses[i].Class]++;
        }

        for (int digit = 0; digit < counts.Length; digit++)
        {
            if (counts[digit] > 0)
            {
                Interlocked.Add(ref _predictions[digit], counts[digit]);
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Result(bool succeeded) => new("result", succeeded ? "success" : "failure");

    private Histogram<double> Duration(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    private Measurement<long>[] ReadPredictions() =>
        [.. DigitTags.Select((tag, digit) => new Measurement<long>(Volatile.Read(ref _predictions[digit]), tag))];
}
