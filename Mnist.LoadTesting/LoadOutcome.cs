using System.Net;

namespace Mnist.LoadTesting;

/// <summary>What became of the requests of one run.</summary>
/// <param name="Seconds">Length of the schedule.</param>
/// <param name="Due">Requests that were due.</param>
/// <param name="InTime">Right answers that came before the schedule's end.</param>
/// <param name="Statuses">How many answers had each status other than 200.</param>
/// <param name="Wrong">Answers that were not what the same request got before.</param>
/// <param name="Broken">Requests whose connection ended instead of bringing an answer.</param>
/// <param name="Lost">Requests that found no free connection when they were due.</param>
/// <param name="Unanswered">Requests without an answer when the client's patience ended.</param>
/// <param name="Latencies">Of every right answer, in seconds from the moment its request was due.</param>
/// <param name="RefusalLatencies">Of every refusal, likewise.</param>
/// <param name="Unexplained">Refusals that do not say when to ask again and what is wrong.</param>
/// <param name="ServerTime">Mean of what the server says of its own time; null where it says nothing.</param>
/// <param name="FirstFault">The first answer that no server may give, however full it is; null if there was none.</param>
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
    IReadOnlyCollection<double> RefusalLatencies,
    int Unexplained,
    ServerTime? ServerTime,
    string? FirstFault)
{
    /// <summary>Right answers a second.</summary>
    public double Goodput => InTime / Seconds;

    /// <summary>Requests that were refused, as a full server does.</summary>
    public int Refused => RefusalLatencies.Count;

    /// <summary>Requests without a right answer.</summary>
    public int Errors => Statuses.Values.Sum() + Wrong + Broken + Lost + Unanswered;

    /// <summary>Share of the requests that got no answer: what the server refused, and what found no connection or no patience.</summary>
    public double RefusedShare => Due == 0 ? 0 : (double)(Refused + Lost + Unanswered) / Due;

    /// <summary>Whether a status says that there is too much to do, for the server or for this key's rate.</summary>
    public static bool IsRefusal(int status) => status is (int)HttpStatusCode.ServiceUnavailable or (int)HttpStatusCode.TooManyRequests;

    /// <summary>Milliseconds; not a number where nothing was answered.</summary>
    /// <param name="percent">0 to 100.</param>
    public double Milliseconds(double percent) => Latencies.Count == 0 ? double.NaN : 1e3 * Samples.Percentile(Latencies, percent);

    /// <summary>The same outcome, if every answer was right or a refusal.</summary>
    /// <exception cref="InvalidDataException">One was not.</exception>
    public LoadOutcome RequireRight() => FirstFault is null ? this : throw new InvalidDataException(FirstFault);
}
