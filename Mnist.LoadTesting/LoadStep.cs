namespace Mnist.LoadTesting;

/// <summary>Microseconds from the moment a request was due to its right answer.</summary>
internal sealed record LoadLatency(double Mean, double P50, double P90, double P95, double P99, double P999)
{
    /// <param name="seconds">One for each answer.</param>
    /// <returns>Null where there is none.</returns>
    public static LoadLatency? Of(IReadOnlyCollection<double> seconds)
    {
        if (seconds.Count == 0)
        {
            return null;
        }

        double[] percentiles = Samples.Percentiles(seconds, 50, 90, 95, 99, 99.9);
        return new LoadLatency(
            Microseconds(seconds.Average()), Microseconds(percentiles[0]), Microseconds(percentiles[1]), Microseconds(percentiles[2]), Microseconds(percentiles[3]),
            Microseconds(percentiles[4]));
    }

    private static double Microseconds(double seconds) => Math.Round(1e6 * seconds, 1);
}

/// <summary>A server under one load.</summary>
/// <param name="Concurrency">Requests under way in a closed loop; null: an open one.</param>
/// <param name="Rate">Requests that were due a second in an open loop.</param>
/// <param name="Share">Of the capacity, where the rate was chosen by it.</param>
/// <param name="Images">Images of a request.</param>
/// <param name="Outcome">What became of them.</param>
/// <param name="Latency">Null where nothing was answered rightly.</param>
internal sealed record LoadStep(int? Concurrency, double? Rate, double? Share, int Images, LoadOutcome Outcome, LoadLatency? Latency)
{
    /// <summary>Right answers a second.</summary>
    public double RequestsPerSecond => Outcome.Goodput;

    public double ImagesPerSecond => Images * Outcome.Goodput;

    /// <summary>A closed loop asks for no more than the server gives, so it must answer all; an open one may be more than it can do.</summary>
    public bool HasFailed => Outcome.FirstFault is not null || (Concurrency is not null && Outcome.Errors > 0);

    public static LoadStep Closed(int concurrency, int images, LoadOutcome outcome) =>
        new(concurrency, null, null, images, outcome, LoadLatency.Of(outcome.Latencies));

    public static LoadStep Open(double rate, double? share, int images, LoadOutcome outcome) =>
        new(null, rate, share, images, outcome, LoadLatency.Of(outcome.Latencies));
}
