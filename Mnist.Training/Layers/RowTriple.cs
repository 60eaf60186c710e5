using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>Offsets of the same image row in three layouts of one shape: rows are contiguous, borders are not part of them.</summary>
internal readonly record struct RowTriple(int First, int Second, int Third, int Length)
{
    public static IEnumerable<RowTriple> All(TensorLayout first, TensorLayout second, TensorLayout third, int images)
    {
        for (int image = 0; image < images; image++)
        {
            for (int y = 0; y < first.Height; y++)
            {
                yield return new RowTriple(
                    (image * first.ImageStride) + first.Offset(y, 0),
                    (image * second.ImageStride) + second.Offset(y, 0),
                    (image * third.ImageStride) + third.Offset(y, 0),
                    first.Width * first.ChannelStride);
            }
        }
    }
}
