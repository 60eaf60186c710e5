namespace Mnist.Inference.Model;

/// <summary>What is made of one image, when it is asked whether it is a digit at all.</summary>
public enum OodDecision
{
    /// <summary>A digit that the network reads.</summary>
    Digit,

    /// <summary>It may be a digit, but the network does not know which one.</summary>
    LowConfidence,

    /// <summary>Something else.</summary>
    NotADigit,
}

/// <summary>When an image is refused.</summary>
public sealed record OodRule
{
    /// <exception cref="InvalidDataException">A value is out of its range; the message names it.</exception>
    public OodRule(double threshold, double minProbability)
    {
        if (!double.IsFinite(threshold))
        {
            throw new InvalidDataException($"threshold is {threshold}, expected a finite number");
        }

        // Written so that not-a-number is refused, too.
        if (!(minProbability >= 0 && minProbability <= 1))
        {
            throw new InvalidDataException($"min_probability is {minProbability}, expected 0 to 1");
        }

        Threshold = threshold;
        MinProbability = minProbability;
    }

    /// <summary>The least score (see <see cref="Score"/>) of a digit.</summary>
    public double Threshold { get; }

    /// <summary>The least probability, 0 to 1, that a digit must have of being the one that is answered.</summary>
    public double MinProbability { get; }

    /// <summary>
    /// The logarithm of how many times more probable it is that the image is a digit than that it is none, in double precision and one logit
    /// after the other: the same bits at every vector width.
    /// </summary>
    /// <param name="logits">Of the network that tells digits from other images, [classes]: the last class is "none", all before it are digits.</param>
    public static double Score(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity;
        foreach (float logit in logits[..^1])
        {
            largest = Math.Max(largest, logit);
        }

        double sum = 0;
        foreach (float logit in logits[..^1])
        {
            sum += Math.Exp(logit - largest);
        }

        return largest + Math.Log(sum) - logits[^1];
    }

    /// <param name="score">See <see cref="Score"/>.</param>
    /// <param name="probability">Of the class that is answered.</param>
    public OodDecision Decide(double score, double probability) =>
        // Written so that not-a-number is refused.
        !(score >= Threshold) ? OodDecision.NotADigit
        : !(probability >= MinProbability) ? OodDecision.LowConfidence
        : OodDecision.Digit;
}
