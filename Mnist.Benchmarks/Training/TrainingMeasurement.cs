using Mnist.Benchmarks.Measuring;
using Mnist.LoadTesting;

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

    /// <summary>The fastest contender that is not ours; null where there is none.</summary>
    private string? BestPeer => Peers.MaxBy(Median);

    private IEnumerable<string> Peers => ImagesPerSecond.Keys.Where(name => name is not (Ours or OursAugmented));

    public double Median(string contender) => Samples.Median(ImagesPerSecond[contender]);

    /// <summary>A contender's speed by the best peer's; null without peers.</summary>
    public Ratio? RatioOf(string contender) => BestPeer is { } peer ? Ratio.Of(ImagesPerSecond[contender], ImagesPerSecond[peer]) : null;

    public TrainingResult ToResult() => new(
        Threads, Median(Ours), Median(OursAugmented), Peers.ToDictionary(name => name, Median), RatioOf(Ours)?.Value);
}
