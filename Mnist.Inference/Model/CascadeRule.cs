namespace Mnist.Inference.Model;

/// <summary>When a cascade escalates an image to its second stage, and how the second stage averages its logits.</summary>
public sealed record CascadeRule
{
    /// <exception cref="InvalidDataException">A value is out of its range; the message names it.</exception>
    public CascadeRule(double threshold, double temperature)
    {
        // NaN fails every comparison, so the negated ones reject it, too.
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

    /// <summary>An image is escalated if the first stage's largest probability is below this; above 0, at most 1.</summary>
    public double Threshold { get; }

    /// <summary>Divisor of the second stage's mean logits; above 0. Guo et al. 2017, arXiv 1706.04599.</summary>
    public double Temperature { get; }

    /// <summary>
    /// Test-time augmentation of the second stage: the shifted views of an image, in pixels down and right. The first view is the image itself.
    /// </summary>
    public static IReadOnlyList<(int Down, int Right)> Shifts { get; } = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)];
}
