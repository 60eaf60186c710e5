namespace Mnist.Inference;

/// <summary>When a cascade asks all its members, and what it makes of their logits.</summary>
public sealed record CascadeRule
{
    /// <exception cref="InvalidDataException">A value is out of its range; the message names it.</exception>
    public CascadeRule(double threshold, double temperature)
    {
        // Written so that not-a-number is refused, too.
        if (!(threshold > 0 && threshold <= 1))
        {
            throw new InvalidDataException($"threshold is {threshold}, expected above 0 and at most 1");
        }

        if (!(temperature > 0 && double.IsFinite(temperature)))
        {
            throw new InvalidDataException($"temperature is {temperature}, expected above 0 and finite");
        }

        Threshold = threshold;
        Temperature = temperature;
    }

    /// <summary>All members are asked where the first one's largest probability is below this; above 0, at most 1.</summary>
    public double Threshold { get; }

    /// <summary>What the mean of the logits is divided by; above 0. Guo et al. 2017, arXiv 1706.04599.</summary>
    public double Temperature { get; }
}
