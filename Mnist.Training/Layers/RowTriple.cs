using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>Offsets of the same image row in three layouts of one shard. A row is contiguous and excludes the border.</summary>
/// <param name="First">Offset in the first layout.</param>
/// <param name="Second">Offset in the second layout.</param>
/// <param name="Third">Offset in the third layout.</param>
/// <param name="Length">Number of values of a row in the first layout.</param>
internal readonly record struct RowTriple(int First, int Second, int Third, int Length)
{
    /// <summary>The rows of all images.</summary>
    /// <param name="first">The layout whose rows are enumerated.</param>
    /// <param name="second">A layout with <paramref name="pool"/> times as many rows.</param>
    /// <param name="third">Another layout with <paramref name="pool"/> times as many rows.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="pool">Side of the pooling window between the first layout and the other two.</param>
    public static IEnumerable<RowTriple> All(TensorLayout first, TensorLayout second, TensorLayout third, int images, int pool = 1)
    {
        for (int image = 0; image < images; image++)
        {
            for (int y = 0; y < first.Height; y++)
            {
                yield return new RowTriple(
                    (image * first.ImageStride) + first.Offset(y, 0),
                    (image * second.ImageStride) + second.Offset(y * pool, 0),
                    (image * third.ImageStride) + third.Offset(y * pool, 0),
                    first.Width * first.ChannelStride);
            }
        }
    }
}
