using System.Numerics.Tensors;

namespace Mnist.Inference.Kernels;

/// <summary>Converts logits to probabilities.</summary>
public static class Softmax
{
    /// <param name="logits">[N, classes].</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="probabilities">[N, classes], each row in [0, 1] with sum 1.</param>
    public static void Rows(ReadOnlySpan<float> logits, int classCount, Span<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length % classCount, 0, nameof(logits));
        ArgumentOutOfRangeException.ThrowIfLessThan(probabilities.Length, logits.Length, nameof(probabilities));
        for (int row = 0; row < logits.Length; row += classCount)
        {
            Row(logits.Slice(row, classCount), probabilities.Slice(row, classCount));
        }
    }

    /// <summary>
    /// The largest probability of one image, summed sequentially in double precision: the same bits at every vector width, so decisions based on it
    /// are the same everywhere.
    /// </summary>
    /// <param name="logits">[classes].</param>
    public static double LargestProbability(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return 1 / sum;
    }

    private static void Row(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        // softmax(x) = softmax(x - max): Exp stays in (0, 1]. TensorPrimitives.SoftMax does not shift and overflows.
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max(logits), probabilities);
        TensorPrimitives.Exp<float>(probabilities, probabilities);
        TensorPrimitives.Divide(probabilities, TensorPrimitives.Sum<float>(probabilities), probabilities);
    }
}
