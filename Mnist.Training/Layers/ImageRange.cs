namespace Mnist.Training.Layers;

/// <summary>Neighbouring images of a shard, that some steps are taken with before the next images begin.</summary>
/// <param name="First">Place of the first one in the shard.</param>
/// <param name="Count">Number of images.</param>
internal readonly record struct ImageRange(int First, int Count)
{
    /// <summary>Behind the last one.</summary>
    public int End => First + Count;

    /// <summary>All of so many images, some at a time.</summary>
    public static IEnumerable<ImageRange> All(int images, int atOnce)
    {
        for (int first = 0; first < images; first += atOnce)
        {
            yield return new ImageRange(first, Math.Min(atOnce, images - first));
        }
    }
}
