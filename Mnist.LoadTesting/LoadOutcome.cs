using System.Net;
using Mnist.LoadTesting.Http;

namespace Mnist.LoadTesting;

/// <summary>The result of one run of the load generator.</summary>
/// <param name="Seconds">Length of the schedule.</param>
/// <param name="Due">Number of requests that were due.</param>
/// <param name="InTime">Number of correct responses before the end of the schedule.</param>
/// <param name="Statuses">Number of responses by status, except 200.</param>
/// <param name="Wrong">Number of 200 responses whose body differs from the one that the same request got before the run.</param>
/// <param name="Broken">Number of requests whose connection broke.</param>
/// <param name="Lost">Number of requests that were not sent, because all connections were busy when they were due.</param>
/// <param name="Unanswered">Number of requests that timed out.</param>
/// <param name="Latencies">Latencies of the correct responses, in seconds from the time when the request was due.</param>
/// <param name="RejectionLatencies">The same for the rejections.</param>
/// <param name="Unexplained">Number of rejections without Retry-After or problem details.</param>
/// <param name="ServerTime">Mean of the server's own times; null if the responses have none.</param>
/// <param name="FirstError">The first response or failure that overload does not excuse; null if there was none.</param>
internal sealed record LoadOutcome(
    double Seconds,
    int Due,
    int InTime,
    IReadOnlyDictionary<int, int> Statuses,
    int Wrong,
    int Broken,
    int Lost,
    int Unanswered,
    IReadOnlyCollection<double> Latencies,
    IReadOnlyCollection<double> RejectionLatencies,
    int Unexplained,
    ServerTime? ServerTime,
    string? FirstError)
{
    /// <summary>Correct responses per second.</summary>
    public double Goodput => InTime / Seconds;

    /// <summary>Number of rejections.</summary>
    public int Rejected => RejectionLatencies.Count;

    /// <summary>Number of requests without a correct response.</summary>
    public int Errors => Statuses.Values.Sum() + Wrong + Broken + Lost + Unanswered;

    /// <summary>Share of the requests that were rejected, timed out or found no free connection, 0 to 1.</summary>
    public double RejectedShare => Due == 0 ? 0 : (double)(Rejected + Lost + Unanswered) / Due;

    /// <summary>Whether a status is a rejection: the server is full, or the key's rate limit is reached.</summary>
    public static bool IsRejection(int status) => status is (int)HttpStatusCode.ServiceUnavailable or (int)HttpStatusCode.TooManyRequests;

    /// <summary>A percentile of the latency in milliseconds; NaN without a correct response.</summary>
    /// <param name="percent">0 to 100.</param>
    public double Milliseconds(double percent) => Latencies.Count == 0 ? double.NaN : 1e3 * Samples.Percentile(Latencies, percent);

    /// <summary>Returns this outcome if every response was correct or a rejection.</summary>
    /// <exception cref="InvalidDataException">Another response or failure occurred.</exception>
    public LoadOutcome RequireCorrect() => FirstError is null ? this : throw new InvalidDataException(FirstError);
}
