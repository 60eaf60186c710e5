namespace Mnist.LoadTesting;

/// <summary>When requests are due. The schedule is made before the first one is sent, so that no answer, however late, can move it.</summary>
internal static class Arrivals
{
    /// <summary>A request each 1 / rate seconds.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <returns>Seconds from the start, ascending, all below <paramref name="seconds"/>.</returns>
    public static double[] Constant(double rate, double seconds) => [.. Enumerable.Range(0, (int)Math.Ceiling(rate * seconds)).Select(i => i / rate)];

    /// <summary>A Poisson process: many clients that know nothing of each other. The gaps are exponential, by inversion of their distribution.</summary>
    /// <param name="rate">Requests a second on average.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <param name="seed">The same one gives the same schedule.</param>
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

        // 1 - u: the generator can give 0, never 1.
        double Gap() => -Math.Log(1 - random.NextDouble()) / rate;
    }
}
