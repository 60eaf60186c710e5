using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Measuring;

/// <summary>One contender's figure by another's, measured in the same rounds.</summary>
/// <param name="Value">Of the medians.</param>
/// <param name="Low">10th percentile of the rounds' ratios.</param>
/// <param name="High">90th percentile.</param>
internal readonly record struct Ratio(double Value, double Low, double High)
{
    /// <param name="numerators">A figure for each round.</param>
    /// <param name="denominators">The other's, in the same order.</param>
    public static Ratio Of(IReadOnlyCollection<double> numerators, IReadOnlyCollection<double> denominators)
    {
        double[] rounds = [.. numerators.Zip(denominators, (numerator, denominator) => numerator / denominator)];
        return new Ratio(Samples.Median(numerators) / Samples.Median(denominators), Samples.Percentile(rounds, 10), Samples.Percentile(rounds, 90));
    }

    public override string ToString() => $"{Value:F2} ({Low:F2}-{High:F2})";
}
