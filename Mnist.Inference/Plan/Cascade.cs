using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>
/// The second half of a cascade's forward pass, with its memory. The first member has answered every image; about the images that it is not
/// sure of all members are asked, in every view, and the mean of their logits, divided by a temperature, is the answer.
/// </summary>
/// <remarks>
/// Every image is judged by its own logits alone, all its views go through a member in one run, and everything between the runs is double
/// precision, one number after the other: an image gets the same bits in every batch and at every vector width, as it does from one network.
/// </remarks>
internal sealed class Cascade(CascadeRule rule, (NetworkPlan Plan, Activations Activations)[] members, Shape input, int classCount, int maxBatchSize)
{
    private readonly int _imagesAtOnce = ImagesAtOnce(rule, maxBatchSize);
    private readonly int[] _places = new int[maxBatchSize];                                      // [K], of the images that are asked again, in the batch
    private readonly float[] _views = new float[checked(RunSize(rule, maxBatchSize) * input.Size)]; // [K, views, H, W, C]
    private readonly float[] _logits = new float[checked(RunSize(rule, maxBatchSize) * classCount)]; // [K, views, classes], of one member
    private readonly double[] _sum = new double[checked(ImagesAtOnce(rule, maxBatchSize) * classCount)]; // [K, classes], over members and views

    /// <summary>How many views go through a member together: those of whole images, about as many as a batch has.</summary>
    public static int RunSize(CascadeRule rule, int maxBatchSize) => ImagesAtOnce(rule, maxBatchSize) * rule.Views;

    private static int ImagesAtOnce(CascadeRule rule, int maxBatchSize) => Math.Max(1, maxBatchSize / rule.Views);

    /// <param name="images">[N, H, W, C].</param>
    /// <param name="batchSize">N.</param>
    /// <param name="logits">[N, classes]: those of the first member; rows that it is not sure of are replaced.</param>
    /// <returns>The number of rows that were replaced.</returns>
    public int AskAgain(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        int count = FindUnsure(logits, batchSize);
        for (int start = 0; start < count; start += _imagesAtOnce)
        {
            var places = _places.AsSpan(start, Math.Min(_imagesAtOnce, count - start));
            CopyViews(images, places);
            AddUp(places.Length);
            for (int i = 0; i < places.Length * classCount; i++)
            {
                logits[(places[i / classCount] * classCount) + (i % classCount)] = (float)(_sum[i] / (members.Length * rule.Views * rule.Temperature));
            }
        }

        return count;
    }

    private int FindUnsure(ReadOnlySpan<float> logits, int batchSize)
    {
        int count = 0;
        for (int image = 0; image < batchSize; image++)
        {
            // Written so that not-a-number is not sure, either.
            if (!(Softmax.LargestProbability(logits.Slice(image * classCount, classCount)) >= rule.Threshold))
            {
                _places[count++] = image;
            }
        }

        return count;
    }

    private void CopyViews(ReadOnlySpan<float> images, ReadOnlySpan<int> places)
    {
        var layout = new TensorLayout(input.Height, input.Width, input.Channels, Halo: 0);
        for (int i = 0; i < places.Length * rule.Views; i++)
        {
            var (down, right) = CascadeRule.Shifts[i % rule.Views];
            layout.CopyShifted(images.Slice(places[i / rule.Views] * input.Size, input.Size), down, right, _views.AsSpan(i * input.Size, input.Size));
        }
    }

    private void AddUp(int count)
    {
        _sum.AsSpan(0, count * classCount).Clear();
        var logits = _logits.AsSpan(0, count * rule.Views * classCount);
        foreach (var (plan, activations) in members)
        {
            activations.Run(plan, _views.AsSpan(0, count * rule.Views * input.Size), count * rule.Views, logits);
            for (int i = 0; i < logits.Length; i++)
            {
                _sum[(i / (classCount * rule.Views) * classCount) + (i % classCount)] += logits[i];
            }
        }
    }
}
