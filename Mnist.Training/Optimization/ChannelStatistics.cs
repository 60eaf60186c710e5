namespace Mnist.Training.Optimization;

/// <summary>Mean and variance of each channel before batch normalisation.</summary>
internal sealed record ChannelStatistics(float[] Mean, float[] Variance)
{
    /// <summary>Added to a variance before its square root is taken, so that a constant channel causes no division by zero.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Statistics over all groups of images; the groups have the same size.</summary>
    public static ChannelStatistics Pool(IReadOnlyList<ChannelStatistics> groups)
    {
        int channels = groups[0].Mean.Length;
        var mean = new double[channels];
        var square = new double[channels];
        foreach (var group in groups)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                double groupMean = group.Mean[channel];
                mean[channel] += groupMean / groups.Count;
                square[channel] += (group.Variance[channel] + (groupMean * groupMean)) / groups.Count;
            }
        }

        return new ChannelStatistics(
            Array.ConvertAll(mean, value => (float)value),
            [.. square.Zip(mean, (square, mean) => (float)(square - (mean * mean)))]);
    }

    public ChannelStatistics Copy() => new([.. Mean], [.. Variance]);
}
