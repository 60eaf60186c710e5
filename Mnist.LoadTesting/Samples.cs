namespace Mnist.LoadTesting;

/// <summary>Order statistics of repeated measurements.</summary>
internal static class Samples
{
    public static double Median(IReadOnlyCollection<double> samples) => Percentile(samples, 50);

    /// <param name="samples">At least one.</param>
    /// <param name="percent">0 (minimum) to 100 (maximum); interpolated linearly between two samples.</param>
    public static double Percentile(IReadOnlyCollection<double> samples, double percent) => Percentiles(samples, percent)[0];

    /// <inheritdoc cref="Percentile"/>
    /// <param name="samples">At least one.</param>
    /// <param name="percents">0 (minimum) to 100 (maximum), each; interpolated linearly between two samples.</param>
    public static double[] Percentiles(IReadOnlyCollection<double> samples, params double[] percents)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count, nameof(samples));
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        return [.. percents.Select(percent =>
        {
            double rank = percent / 100 * (sorted.Length - 1);
            int below = (int)rank;
            int above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + ((rank - below) * (sorted[above] - sorted[below]));
        })];
    }
}
