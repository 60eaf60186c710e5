namespace Mnist.Training.Layers;

/// <summary>Consecutive images of a shard.</summary>
/// <param name="First">Index of the first one in the shard.</param>
/// <param name="Count">Number of images.</param>
internal readonly record struct ImageRange(int First, int Count)
{
    /// <summary>Index after the last one.</summary>
    public int End => First + Count;

    /// <summary>Divides <paramref name="images"/> images into ranges of at most <paramref name="atOnce"/>.</summary>
    public static IEnumerable<ImageRange> All(int images, int atOnce)
    {
        for (int first = 0; first < images; first += atOnce)
        {
            yield return new ImageRange(first, Math.Min(atOnce, images - first));
        }
    }
}
