using System.Diagnostics.Metrics;
using System.Globalization;
using Mnist.Core.Batching;
using Mnist.Core.Contract;

namespace Mnist.Core.Observability;

/// <summary>
/// What the server tells about its work. To record costs no lock, no text and no memory, and next to nothing while nobody listens;
/// images are counted in plain numbers, which are read when somebody asks.
/// </summary>
public sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "Mnist";

    /// <summary>Upper bounds in seconds, from the time of one image to beyond the deadline.</summary>
    private static readonly double[] Seconds =
        [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 24, 32, 48, 64, 128, 256, 512, 1024];

    private static readonly KeyValuePair<string, object?>[] DigitTags =
        [.. Enumerable.Range(0, Predictions.ClassCount).Select(digit => KeyValuePair.Create("class", (object?)digit.ToString(CultureInfo.InvariantCulture)))];

    private static readonly KeyValuePair<string, object?> Normalized = new("normalized", "true");

    private static readonly KeyValuePair<string, object?> AsTheyAre = new("normalized", "false");

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _decode;
    private readonly Histogram<double> _queue;
    private readonly Histogram<double> _inference;
    private readonly Histogram<int> _batchSize;
    private readonly Counter<long> _rejections;
    private readonly Counter<long> _reloads;
    private readonly long[] _predictions = new long[Predictions.ClassCount];

    public ServerMetrics()
    {
        _decode = Duration("mnist.decode.duration", "From the arrival of a request's body to its decoded images, normalized or not.");
        _queue = Duration("mnist.queue.duration", "From queueing a request to the moment a worker takes its first image.");
        _inference = Duration("mnist.inference.duration", "One batch in the engine.");
        _batchSize = _meter.CreateHistogram("mnist.batch.size", "{image}", "Images of one batch.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = BatchSizes });
        _rejections = _meter.CreateCounter<long>("mnist.rejections", "{request}", "Requests that were answered with a problem, by its type.");
        _reloads = _meter.CreateCounter<long>("mnist.reloads", "{reload}", "Attempts to load the weights file again, by result.");
        _meter.CreateObservableCounter("mnist.predictions", ReadPredictions, "{image}", "Classified images, by predicted class.");
    }

    /// <summary>Buckets of every duration.</summary>
    public static IReadOnlyList<double> DurationBuckets => Seconds;

    /// <summary>Reports how full the server is and what it serves whenever somebody asks. Images are counted from now on: those of the warm-up were no client's.</summary>
    public void Observe(Admission admission, DynamicBatcher batcher)
    {
        Array.Clear(_predictions);
        _meter.CreateObservableGauge("mnist.images.in_flight", () => admission.InFlight, "{image}", "Images that are being read, decoded, queued or computed.");
        _meter.CreateObservableGauge("mnist.queue.depth", () => batcher.WaitingImages, "{image}", "Images that no worker has taken yet.");
        _meter.CreateObservableGauge("mnist.workers.stuck", () => batcher.StuckWorkers, "{worker}", "Workers whose batch takes longer than the stall timeout.");
        _meter.CreateObservableGauge("mnist.model.info", () => new Measurement<int>(1, KeyValuePair.Create("version", (object?)batcher.Model.Version)),
            description: "1 for the version of the weights in use.");
    }

    /// <summary>Reports a number that somebody else counts.</summary>
    public void ObserveDroppedLogLines(Func<long> read) =>
        _meter.CreateObservableCounter("mnist.log.dropped", read, "{line}", "Log lines that were given up because the console did not take them.");

    /// <summary>Makes counters begin at zero: an increase from nothing to one would not be seen.</summary>
    public void DeclareCounters(IEnumerable<string> rejectionReasons)
    {
        ArgumentNullException.ThrowIfNull(rejectionReasons);
        foreach (string reason in rejectionReasons)
        {
            _rejections.Add(0, Reason(reason));
        }

        _reloads.Add(0, Result(true));
        _reloads.Add(0, Result(false));
    }

    public void RecordDecode(TimeSpan duration, bool normalized) => _decode.Record(duration.TotalSeconds, normalized ? Normalized : AsTheyAre);

    public void RecordQueue(TimeSpan duration) => _queue.Record(duration.TotalSeconds);

    public void RecordBatch(int images, TimeSpan duration)
    {
        _batchSize.Record(images);
        _inference.Record(duration.TotalSeconds);
    }

    public void CountRejection(string reason) => _rejections.Add(1, Reason(reason));

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

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);

    private static KeyValuePair<string, object?> Result(bool succeeded) => new("result", succeeded ? "success" : "failure");

    private Histogram<double> Duration(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    private Measurement<long>[] ReadPredictions() =>
        [.. DigitTags.Select((tag, digit) => new Measurement<long>(Volatile.Read(ref _predictions[digit]), tag))];
}
