using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;

namespace Mnist.Training.Evaluation;

/// <summary>Fits the threshold and temperature of a cascade on digits that no stage was trained on.</summary>
public static class CascadeFit
{
    /// <summary>
    /// Candidate shares of digits that are escalated. More escalation is not expected to cause more errors, so the largest share within the budget is
    /// taken. The steps are coarse, because the share varies between data sets.
    /// </summary>
    private static readonly double[] Shares = [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

    /// <summary>Fits the rule of a cascade.</summary>
    /// <param name="labels">The true digits [N].</param>
    /// <param name="first">Logits of the first stage [N,10].</param>
    /// <param name="all">Mean logits of the second stage, see <see cref="Mean"/> [N,10].</param>
    /// <param name="stages">The two networks, that of the first stage first.</param>
    /// <param name="maxMultiplyAdds">Budget: mean multiply-adds per digit.</param>
    /// <exception cref="InvalidDataException">The budget is too small for the smallest share; the message says what is needed.</exception>
    public static CascadeRule Fit(
        ReadOnlySpan<byte> labels, ReadOnlySpan<float> first, ReadOnlySpan<float> all, IReadOnlyList<NetworkWeights> stages, double maxMultiplyAdds)
    {
        ArgumentNullException.ThrowIfNull(stages);
        double always = stages[0].Architecture.MultiplyAdds;
        double escalation = (double)CascadeRule.Shifts.Count * stages.Sum(network => network.Architecture.MultiplyAdds);
        double share = Shares.LastOrDefault(share => always + (share * escalation) <= maxMultiplyAdds);
        return share > 0
            ? new CascadeRule(ThresholdOf(first, share), TemperatureScaling.Fit(labels, all))
            : throw new InvalidDataException(FormattableString.Invariant(
                $"{maxMultiplyAdds:N0} multiply-adds per image are too few: the first stage needs {always:N0}, with {Shares[0]:P0} of the digits escalated {always + (Shares[0] * escalation):N0}."));
    }

    /// <summary>Mean logits of both networks over the shifted views [N,10].</summary>
    /// <param name="stages">The two networks.</param>
    /// <param name="digits">The digits; their labels are not used.</param>
    /// <param name="progress">Called with the fraction done, 0 to 1.</param>
    /// <exception cref="InvalidDataException">A logit is not finite; the message names the network.</exception>
    public static float[] Mean(IReadOnlyList<NetworkWeights> stages, DigitDataset digits, Action<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(stages);
        ArgumentNullException.ThrowIfNull(digits);
        double[] sum = new double[digits.Count * DigitImage.ClassCount];
        foreach (var (view, shift) in CascadeRule.Shifts.Index())
        {
            var shifted = Shift(digits, shift.Down, shift.Right);
            foreach (var (i, network) in stages.Index())
            {
                float[] logits = BatchClassifier.Classify(Network.Create(network), shifted).Logits;
                if (!TensorPrimitives.IsFiniteAll<float>(logits))
                {
                    throw new InvalidDataException($"network {i + 1} gives logits that are not finite.");
                }

                for (int k = 0; k < sum.Length; k++)
                {
                    sum[k] += logits[k];
                }

                progress?.Invoke(((view * stages.Count) + i + 1.0) / (CascadeRule.Shifts.Count * stages.Count));
            }
        }

        return Array.ConvertAll(sum, value => (float)(value / (CascadeRule.Shifts.Count * stages.Count)));
    }

    private static DigitDataset Shift(DigitDataset digits, int down, int right)
    {
        byte[] shifted = new byte[digits.Images.Length];
        for (int i = 0; i < digits.Count; i++)
        {
            DigitFilters.Move(digits.Image(i), shifted.AsSpan(i * DigitImage.PixelCount, DigitImage.PixelCount), right: right, down: down);
        }

        return new DigitDataset(shifted, digits.Labels);
    }

    /// <summary>The quantile of the confidences at <paramref name="share"/>.</summary>
    private static double ThresholdOf(ReadOnlySpan<float> logits, double share)
    {
        double[] confidences = [.. logits.ToArray().Chunk(DigitImage.ClassCount).Select(row => Softmax.LargestProbability(row)).Order()];
        int below = (int)(share * confidences.Length);
        return below < confidences.Length ? confidences[below] : 1;
    }
}
