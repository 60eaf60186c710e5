namespace Mnist.LoadTesting;

/// <summary>Schedules of an open loop. They are computed before the first request, so that a late response cannot move them.</summary>
internal static class Arrivals
{
    /// <summary>One request every 1 / rate seconds.</summary>
    /// <param name="rate">Requests per second.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <returns>Seconds from the start, ascending, all below <paramref name="seconds"/>.</returns>
    public static double[] Constant(double rate, double seconds) => [.. Enumerable.Range(0, (int)Math.Ceiling(rate * seconds)).Select(i => i / rate)];

    /// <summary>A Poisson process, as of many independent clients: exponential gaps, by inverse transform sampling.</summary>
    /// <param name="rate">Mean requests per second.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <param name="seed">The same seed gives the same schedule.</param>
    /// <returns>Seconds from the start, ascending, all below <paramref name="seconds"/>.</returns>
    public static double[] Poisson(double rate, double seconds, int seed)
    {
        var random = new Random(seed);
        var times = new List<double>((int)(rate * seconds) + 1);
        double time = Gap();
        while (time < seconds)
        {
            times.Add(time);
            time += Gap();
        }

        return [.. times];

        // 1 - u, because NextDouble can return 0 but not 1.
        double Gap() => -Math.Log(1 - random.NextDouble()) / rate;
    }
}
