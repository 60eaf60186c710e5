using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>Offsets of the same image row in three layouts of one shard: rows are contiguous, borders are not part of them.</summary>
/// <param name="First">In the first layout.</param>
/// <param name="Second">In the second.</param>
/// <param name="Third">In the third.</param>
/// <param name="Length">Values of a row in the first layout.</param>
internal readonly record struct RowTriple(int First, int Second, int Third, int Length)
{
    /// <param name="first">Whose rows are counted.</param>
    /// <param name="second">A layout with <paramref name="pool"/> times as many rows.</param>
    /// <param name="third">Likewise.</param>
    /// <param name="images">Images in the shard.</param>
    /// <param name="pool">Rows of the others that belong to one of the first.</param>
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
