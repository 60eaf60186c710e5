using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Measuring;

/// <summary>The ratio of two contenders' results, measured in the same rounds.</summary>
/// <param name="Value">Ratio of the medians.</param>
/// <param name="Low">10th percentile of the ratios of the rounds.</param>
/// <param name="High">90th percentile of the ratios of the rounds.</param>
internal readonly record struct Ratio(double Value, double Low, double High)
{
    /// <param name="numerators">One contender's results by round.</param>
    /// <param name="denominators">The other contender's results by round.</param>
    public static Ratio Of(IReadOnlyCollection<double> numerators, IReadOnlyCollection<double> denominators)
    {
        double[] rounds = [.. numerators.Zip(denominators, (numerator, denominator) => numerator / denominator)];
        return new Ratio(Samples.Median(numerators) / Samples.Median(denominators), Samples.Percentile(rounds, 10), Samples.Percentile(rounds, 90));
    }

    public override string ToString() => $"{Value:F2} ({Low:F2}-{High:F2})";
}
