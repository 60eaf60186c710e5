namespace Mnist.Inference.Model;

/// <summary>When a cascade asks all its members, and what it makes of their logits.</summary>
public sealed record CascadeRule
{
    /// <exception cref="InvalidDataException">A value is out of its range; the message names it.</exception>
    public CascadeRule(double threshold, double temperature, int views)
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

        if (views != 1 && views != Shifts.Count)
        {
            throw new InvalidDataException($"views is {views}, expected 1 or {Shifts.Count}");
        }

        Threshold = threshold;
        Temperature = temperature;
        Views = views;
    }

    /// <summary>All members are asked where the first one's largest probability is below this; above 0, at most 1.</summary>
    public double Threshold { get; }

    /// <summary>What the mean of the logits is divided by; above 0. Guo et al. 2017, arXiv 1706.04599.</summary>
    public double Temperature { get; }

    /// <summary>How the members see an image: 1 for as it is, 5 for also moved by one pixel to each side, which averages over where it was cut out.</summary>
    public int Views { get; }

    /// <summary>By how many pixels the views are moved, down and right; the first is the image itself.</summary>
    public static IReadOnlyList<(int Down, int Right)> Shifts { get; } = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)];
}
