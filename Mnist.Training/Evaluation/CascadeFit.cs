using System.Numerics.Tensors;
using Mnist.Inference;
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
    /// <param name="logits">Of each member [N,10].</param>
    /// <param name="members">The members, the one that answers every digit first.</param>
    /// <param name="maxMultiplyAdds">For one digit on average.</param>
    /// <exception cref="InvalidDataException">Not even the smallest share is allowed, or a logit is not finite; the message says which.</exception>
    public static CascadeRule Fit(
        ReadOnlySpan<byte> labels, IReadOnlyList<float[]> logits, IReadOnlyList<NetworkWeights> members, double maxMultiplyAdds)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(members);
        if (logits.Index().FirstOrDefault(member => !TensorPrimitives.IsFiniteAll<float>(member.Item)) is { Item: not null } broken)
        {
            throw new InvalidDataException($"network {broken.Index + 1} gives logits that are not finite.");
        }

        double first = members[0].Architecture.MultiplyAdds;
        double others = members.Skip(1).Sum(member => member.Architecture.MultiplyAdds);
        double share = Shares.LastOrDefault(share => first + (share * others) <= maxMultiplyAdds);
        return share > 0
            ? new CascadeRule(ThresholdOf(logits[0], share), TemperatureScaling.Fit(labels, Mean(logits)))
            : throw new InvalidDataException(FormattableString.Invariant(
                $"{maxMultiplyAdds:N0} multiply-adds an image are too few: the first network needs {first:N0}, and asking all about {Shares[0]:P0} of the digits makes {first + (Shares[0] * others):N0}."));
    }

    /// <summary>Mean of the members' logits [N,10].</summary>
    public static float[] Mean(IReadOnlyList<float[]> logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return [.. Enumerable.Range(0, logits[0].Length).Select(i => (float)logits.Average(member => (double)member[i]))];
    }

    /// <summary>The confidence that the given share of the digits is below.</summary>
    private static double ThresholdOf(float[] logits, double share)
    {
        double[] confidences = [.. logits.Chunk(DigitDataset.ClassCount).Select(row => Softmax.LargestProbability(row)).Order()];
        int below = (int)(share * confidences.Length);
        return below < confidences.Length ? confidences[below] : 1;
    }
}
