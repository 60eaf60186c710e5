namespace Mnist.Inference.Model;

/// <summary>Decision of the out-of-distribution (OOD) detector about one image.</summary>
public enum OodDecision
{
    /// <summary>A digit that the classifier recognises.</summary>
    Digit,

    /// <summary>It may be a digit, but the classifier's probability is too low.</summary>
    LowConfidence,

    /// <summary>Something else.</summary>
    NotADigit,
}

/// <summary>When an image counts as a digit: thresholds for the detector's score and for the classifier's probability.</summary>
public sealed record OodRule
{
    /// <exception cref="InvalidDataException">A value is out of its range; the message names it.</exception>
    public OodRule(double threshold, double minProbability)
    {
        if (!double.IsFinite(threshold))
        {
            throw new InvalidDataException($"threshold is {threshold}, expected a finite number");
        }

        // NaN fails every comparison, so the negated one rejects it, too.
        if (!(minProbability >= 0 && minProbability <= 1))
        {
            throw new InvalidDataException($"min_probability is {minProbability}, expected 0 to 1");
        }

        Threshold = threshold;
        MinProbability = minProbability;
    }

    /// <summary>The lowest OOD score (see <see cref="Score"/>) of a digit; finite.</summary>
    public double Threshold { get; }

    /// <summary>The lowest probability of a digit's most probable class, 0 to 1.</summary>
    public double MinProbability { get; }

    /// <summary>OOD score: the log-odds that the image is a digit, which for a softmax of two classes is the difference of the logits.</summary>
    /// <param name="logits">Of the detector's network: [digit, other].</param>
    /// <returns>Higher for digits, in double precision; the same bits at every vector width.</returns>
    public static double Score(ReadOnlySpan<float> logits) => (double)logits[0] - logits[1];

    /// <summary>Applies both thresholds, the score's first. NaN passes neither.</summary>
    /// <param name="score">See <see cref="Score"/>.</param>
    /// <param name="probability">Of the most probable class, 0 to 1.</param>
    public OodDecision Decide(double score, double probability) =>
        !(score >= Threshold) ? OodDecision.NotADigit
        : !(probability >= MinProbability) ? OodDecision.LowConfidence
        : OodDecision.Digit;
}
