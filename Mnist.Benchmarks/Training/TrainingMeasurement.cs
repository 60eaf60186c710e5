using System.Text.Json;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Training;

/// <summary>Images a second of training with one number of threads, as it is published: medians.</summary>
/// <param name="Threads">Threads of either side.</param>
/// <param name="ImagesPerSecond">Ours, images as they are.</param>
/// <param name="AugmentedImagesPerSecond">Ours, every image distorted.</param>
/// <param name="Peers">Images a second by the peer's name, images as they are.</param>
/// <param name="Ratio">Ours by the best peer's; null without peers.</param>
internal sealed record TrainingResult(
    int Threads, double ImagesPerSecond, double AugmentedImagesPerSecond, IReadOnlyDictionary<string, double> Peers, double? Ratio);

/// <summary>All runs with one number of threads.</summary>
/// <param name="Threads">Threads of either side.</param>
/// <param name="ImagesPerSecond">By contender and run.</param>
/// <param name="Losses">Mean loss of the contender's last run: all of them must have learnt.</param>
internal sealed record TrainingMeasurement(int Threads, IReadOnlyDictionary<string, double[]> ImagesPerSecond, IReadOnlyDictionary<string, double> Losses)
{
    public const string Ours = "trainer";
    public const string OursAugmented = "trainer, augmented";
    public const string Torch = "pytorch";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public double Median(string contender) => Samples.Median(ImagesPerSecond[contender]);

    /// <summary>A contender's speed by PyTorch's: of the medians, and between which values eight of ten rounds lie.</summary>
    public (double Ratio, double Low, double High) RatioToTorch(string contender)
    {
        double[] ratios = [.. ImagesPerSecond[contender].Zip(ImagesPerSecond[Torch], (ours, theirs) => ours / theirs)];
        return (Median(contender) / Median(Torch), Samples.Percentile(ratios, 10), Samples.Percentile(ratios, 90));
    }

    public TrainingResult ToResult()
    {
        var peers = ImagesPerSecond.Keys.Where(name => name == Torch).ToDictionary(name => name, Median);
        return new TrainingResult(Threads, Median(Ours), Median(OursAugmented), peers, peers.Count == 0 ? null : Median(Ours) / peers.Values.Max());
    }

    public static string ToJson(IEnumerable<TrainingMeasurement> measurements) =>
        JsonSerializer.Serialize(new { results = measurements.Select(measurement => measurement.ToResult()) }, Json);
}
