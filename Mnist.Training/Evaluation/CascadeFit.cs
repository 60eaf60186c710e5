using System.Numerics.Tensors;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>Chooses when a cascade asks all its members, on digits that none of them was trained on.</summary>
public static class CascadeFit
{
    /// <summary>
    /// Shares of the digits that all members may be asked about. To ask more often is not expected to make more errors, so the largest one that
    /// the cost allows is taken; the steps are wide, because other digits are not as easy as these to the percent.
    /// </summary>
    private static readonly double[] Shares = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

    /// <param name="labels">The true digits [N].</param>
    /// <param name="first">Logits of the member that answers every digit [N,10].</param>
    /// <param name="all">Mean of the logits of all members over all views [N,10].</param>
    /// <param name="members">The members, the one that answers every digit first.</param>
    /// <param name="views">See <see cref="CascadeRule.Views"/>.</param>
    /// <param name="maxMultiplyAdds">For one digit on average.</param>
    /// <exception cref="InvalidDataException">Not even the smallest share is allowed; the message says what would be.</exception>
    public static CascadeRule Fit(
        ReadOnlySpan<byte> labels, ReadOnlySpan<float> first, ReadOnlySpan<float> all, IReadOnlyList<NetworkWeights> members, int views, double maxMultiplyAdds)
    {
        ArgumentNullException.ThrowIfNull(members);
        double always = members[0].Architecture.MultiplyAdds;
        double again = (double)views * members.Sum(member => member.Architecture.MultiplyAdds);
        double share = Shares.LastOrDefault(share => always + (share * again) <= maxMultiplyAdds);
        return share > 0
            ? new CascadeRule(ThresholdOf(first, share), TemperatureScaling.Fit(labels, all), views)
            : throw new InvalidDataException(FormattableString.Invariant(
                $"{maxMultiplyAdds:N0} multiply-adds an image are too few: the first network needs {always:N0}, and asking all about {Shares[0]:P0} of the digits makes {always + (Shares[0] * again):N0}."));
    }

    /// <summary>Mean of the members' logits over all views [N,10].</summary>
    /// <param name="members">The members.</param>
    /// <param name="digits">The digits; their labels are not looked at.</param>
    /// <param name="views">See <see cref="CascadeRule.Views"/>.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <exception cref="InvalidDataException">A logit is not finite; the message says of which member.</exception>
    public static float[] Mean(IReadOnlyList<NetworkWeights> members, DigitDataset digits, int views, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(digits);
        double[] sum = new double[digits.Count * DigitDataset.ClassCount];
        foreach (var (view, shift) in CascadeRule.Shifts.Take(views).Index())
        {
            var shifted = Shift(digits, shift.Down, shift.Right);
            foreach (var (i, member) in members.Index())
            {
                float[] logits = BatchClassifier.Classify(Network.Create(member), shifted).Logits;
                if (!TensorPrimitives.IsFiniteAll<float>(logits))
                {
                    throw new InvalidDataException($"network {i + 1} gives logits that are not finite.");
                }

                for (int k = 0; k < sum.Length; k++)
                {
                    sum[k] += logits[k];
                }

                progress?.Invoke(((view * members.Count) + i + 1.0) / (views * members.Count));
            }
        }

        return Array.ConvertAll(sum, value => (float)(value / (views * members.Count)));
    }

    private static DigitDataset Shift(DigitDataset digits, int down, int right)
    {
        byte[] shifted = new byte[digits.Images.Length];
        for (int i = 0; i < digits.Count; i++)
        {
            DigitFilters.Move(digits.Image(i), shifted.AsSpan(i * DigitDataset.PixelCount, DigitDataset.PixelCount), right: right, down: down);
        }

        return new DigitDataset(shifted, digits.Labels);
    }

    /// <summary>The confidence that the given share of the digits is below.</summary>
    private static double ThresholdOf(ReadOnlySpan<float> logits, double share)
    {
        double[] confidences = [.. logits.ToArray().Chunk(DigitDataset.ClassCount).Select(row => Softmax.LargestProbability(row)).Order()];
        int below = (int)(share * confidences.Length);
        return below < confidences.Length ? confidences[below] : 1;
    }
}
