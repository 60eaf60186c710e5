namespace Mnist.LoadTesting;

/// <summary>Latencies of the correct responses, in microseconds from the time when the request was due.</summary>
internal sealed record LoadLatency(double Mean, double P50, double P90, double P95, double P99, double P999)
{
    /// <param name="seconds">The latency of each response.</param>
    /// <returns>Null if there are none.</returns>
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

/// <summary>One step of a load test.</summary>
/// <param name="Concurrency">Requests in flight in a closed loop; null in an open loop.</param>
/// <param name="Rate">Requests due per second in an open loop; null in a closed loop.</param>
/// <param name="Share">The rate as a share of the capacity, if it was derived from it.</param>
/// <param name="Images">Images per request.</param>
/// <param name="Outcome">The result.</param>
/// <param name="Latency">Latencies; null without a correct response.</param>
internal sealed record LoadStep(int? Concurrency, double? Rate, double? Share, int Images, LoadOutcome Outcome, LoadLatency? Latency)
{
    /// <summary>Correct responses per second.</summary>
    public double RequestsPerSecond => Outcome.Goodput;

    public double ImagesPerSecond => Images * Outcome.Goodput;

    /// <summary>Whether the server failed. A closed loop cannot overload it, so there every error is a failure; in an open loop, rejections are not.</summary>
    public bool HasFailed => Outcome.FirstError is not null || (Concurrency is not null && Outcome.Errors > 0);

    public static LoadStep Closed(int concurrency, int images, LoadOutcome outcome) =>
        new(concurrency, null, null, images, outcome, LoadLatency.Of(outcome.Latencies));

    public static LoadStep Open(double rate, double? share, int images, LoadOutcome outcome) =>
        new(null, rate, share, images, outcome, LoadLatency.Of(outcome.Latencies));
}
