using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>
/// Second stage of a cascade, with its memory. It runs all networks on all shifted views of the images about which the first stage is not confident,
/// and replaces their logits by the mean, divided by the temperature.
/// </summary>
/// <remarks>
/// Whether an image is escalated depends on its own logits alone, its views go through a network in one run, and the arithmetic between the runs is
/// sequential in double precision: an image gets the same bits in every batch and at every vector width.
/// </remarks>
internal sealed class SecondStage(CascadeRule rule, (NetworkPlan Plan, Activations Activations)[] networks, Shape input, int classCount, int maxBatchSize)
{
    private static readonly int Views = CascadeRule.Shifts.Count;

    private readonly int _imagesAtOnce = ImagesAtOnce(maxBatchSize);
    private readonly int[] _escalated = new int[maxBatchSize];                                     // [K], indices in the batch
    private readonly float[] _views = new float[checked(RunSize(maxBatchSize) * input.Size)];      // [K, views, H, W, C]
    private readonly float[] _logits = new float[checked(RunSize(maxBatchSize) * classCount)];     // [K, views, classes], of one network
    private readonly double[] _sum = new double[checked(ImagesAtOnce(maxBatchSize) * classCount)]; // [K, classes], over networks and views

    /// <summary>Views that go through a network together: all views of as many images as fill a batch, but of one image at least.</summary>
    public static int RunSize(int maxBatchSize) => ImagesAtOnce(maxBatchSize) * Views;

    /// <param name="images">[N, H, W, C].</param>
    /// <param name="batchSize">N.</param>
    /// <param name="logits">[N, classes] of the first stage; the rows of escalated images are replaced.</param>
    /// <returns>Number of escalated images.</returns>
    public int Run(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        int count = FindEscalated(logits, batchSize);
        for (int start = 0; start < count; start += _imagesAtOnce)
        {
            var indices = _escalated.AsSpan(start, Math.Min(_imagesAtOnce, count - start));
            CopyViews(images, indices);
            Sum(indices.Length);
            for (int i = 0; i < indices.Length * classCount; i++)
            {
                logits[(indices[i / classCount] * classCount) + (i % classCount)] = (float)(_sum[i] / (networks.Length * Views * rule.Temperature));
            }
        }

        return count;
    }

    private static int ImagesAtOnce(int maxBatchSize) => Math.Max(1, maxBatchSize / Views);

    private int FindEscalated(ReadOnlySpan<float> logits, int batchSize)
    {
        int count = 0;
        for (int image = 0; image < batchSize; image++)
        {
            // NaN fails every comparison, so the negated one escalates it, too.
            if (!(Softmax.LargestProbability(logits.Slice(image * classCount, classCount)) >= rule.Threshold))
            {
                _escalated[count++] = image;
            }
        }

        return count;
    }

    private void CopyViews(ReadOnlySpan<float> images, ReadOnlySpan<int> indices)
    {
        var layout = new TensorLayout(input.Height, input.Width, input.Channels, Halo: 0);
        for (int i = 0; i < indices.Length * Views; i++)
        {
            var (down, right) = CascadeRule.Shifts[i % Views];
            layout.CopyShifted(images.Slice(indices[i / Views] * input.Size, input.Size), down, right, _views.AsSpan(i * input.Size, input.Size));
        }
    }

    private void Sum(int count)
    {
        _sum.AsSpan(0, count * classCount).Clear();
        var logits = _logits.AsSpan(0, count * Views * classCount);
        foreach (var (plan, activations) in networks)
        {
            activations.Run(plan, _views.AsSpan(0, count * Views * input.Size), count * Views, logits);
            for (int i = 0; i < logits.Length; i++)
            {
                _sum[(i / (classCount * Views) * classCount) + (i % classCount)] += logits[i];
            }
        }
    }
}
