namespace Mnist.LoadTesting;

/// <summary>Order statistics of repeated measurements.</summary>
internal static class Samples
{
    public static double Median(IReadOnlyCollection<double> samples) => Percentile(samples, 50);

    /// <param name="samples">At least one.</param>
    /// <param name="percent">0 (the smallest) to 100 (the largest); between two samples the value is interpolated.</param>
    public static double Percentile(IReadOnlyCollection<double> samples, double percent) => Percentiles(samples, percent)[0];

    /// <inheritdoc cref="Percentile"/>
    /// <param name="samples">At least one.</param>
    /// <param name="percents">0 (the smallest) to 100 (the largest), each.</param>
    public static double[] Percentiles(IReadOnlyCollection<double> samples, params double[] percents)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count, nameof(samples));
        double[] sorted = [.. samples];
        Array.Sort(sorted);
        return [.. percents.Select(percent =>
        {
            double place = percent / 100 * (sorted.Length - 1);
            int below = (int)place;
            int above = Math.Min(below + 1, sorted.Length - 1);
            return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
        })];
    }
}
