using Mnist.Benchmarks.Measuring;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Training;

/// <summary>Training speed in images per second with one number of threads, as in the JSON file; medians of the runs.</summary>
/// <param name="Threads">Threads of each contender.</param>
/// <param name="ImagesPerSecond">The trainer without augmentation.</param>
/// <param name="AugmentedImagesPerSecond">The trainer with every image augmented.</param>
/// <param name="Peers">Each peer without augmentation.</param>
/// <param name="Ratio">The trainer's speed divided by the fastest peer's; null without peers.</param>
internal sealed record TrainingResult(
    int Threads, double ImagesPerSecond, double AugmentedImagesPerSecond, IReadOnlyDictionary<string, double> Peers, double? Ratio);

/// <summary>All runs with one number of threads.</summary>
/// <param name="Threads">Threads of each contender.</param>
/// <param name="ImagesPerSecond">Speeds by contender and run.</param>
/// <param name="Losses">Mean loss of each contender's last run: shows that it trains.</param>
internal sealed record TrainingMeasurement(int Threads, IReadOnlyDictionary<string, double[]> ImagesPerSecond, IReadOnlyDictionary<string, double> Losses)
{
    public const string Ours = "trainer";
    public const string OursAugmented = "trainer, augmented";

    /// <summary>The fastest peer; null without peers.</summary>
    private string? BestPeer => Peers.MaxBy(Median);

    private IEnumerable<string> Peers => ImagesPerSecond.Keys.Where(name => name is not (Ours or OursAugmented));

    public double Median(string contender) => Samples.Median(ImagesPerSecond[contender]);

    /// <summary>A contender's speed divided by the fastest peer's; null without peers.</summary>
    public Ratio? RatioOf(string contender) => BestPeer is { } peer ? Ratio.Of(ImagesPerSecond[contender], ImagesPerSecond[peer]) : null;

    public TrainingResult ToResult() => new(
        Threads, Median(Ours), Median(OursAugmented), Peers.ToDictionary(name => name, Median), RatioOf(Ours)?.Value);
}
