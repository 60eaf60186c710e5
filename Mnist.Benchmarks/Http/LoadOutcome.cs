using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Http;

/// <summary>What became of the requests of one run.</summary>
/// <param name="Seconds">Length of the schedule.</param>
/// <param name="Due">Requests that were due.</param>
/// <param name="InTime">Right answers that came before the schedule's end.</param>
/// <param name="Refused">Requests that the server refused with 503.</param>
/// <param name="Lost">Requests that found no free connection when they were due.</param>
/// <param name="Unanswered">Requests without an answer when the client's patience ended.</param>
/// <param name="Latencies">Of every right answer, in seconds from the moment its request was due.</param>
internal sealed record LoadOutcome(double Seconds, int Due, int InTime, int Refused, int Lost, int Unanswered, IReadOnlyCollection<double> Latencies)
{
    /// <summary>Right answers a second.</summary>
    public double Goodput => InTime / Seconds;

    /// <summary>Share of the requests that got no answer: what the server refused, and what found no connection or no patience.</summary>
    public double RefusedShare => Due == 0 ? 0 : (double)(Refused + Lost + Unanswered) / Due;

    /// <summary>Milliseconds; not a number where nothing was answered.</summary>
    /// <param name="percent">0 to 100.</param>
    public double Milliseconds(double percent) => Latencies.Count == 0 ? double.NaN : 1e3 * Samples.Percentile(Latencies, percent);
}
