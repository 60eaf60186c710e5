using System.Text.Json.Serialization;

namespace Mnist.LoadTesting;

/// <summary>How requests come in an open loop.</summary>
internal enum ArrivalProcess
{
    /// <summary>At random, as from many clients that know nothing of each other.</summary>
    [JsonStringEnumMemberName("poisson")]
    Poisson,

    /// <summary>Evenly.</summary>
    [JsonStringEnumMemberName("constant")]
    Constant,
}

/// <summary>What is measured of a server.</summary>
/// <param name="Concurrencies">Requests under way in each step of the closed loop; null: 1, 2, 4 and so on until the server gives no more.</param>
/// <param name="Rates">Requests a second in each step of the open loop; null: <see cref="Shares"/> of the capacity.</param>
/// <param name="Seconds">Length of each step.</param>
/// <param name="Arrivals">How requests come in the open loop.</param>
/// <param name="Seed">Of the random arrivals.</param>
internal sealed record LoadPlan(IReadOnlyList<int>? Concurrencies, IReadOnlyList<double>? Rates, double Seconds, ArrivalProcess Arrivals, int Seed)
{
    /// <summary>Of the capacity.</summary>
    public static readonly double[] Shares = [0.5, 0.8, 0.95];

    private const double LongestWarmUpSlice = 1;
    private const int WarmUpConnections = 8;

    /// <summary>More requests at a time are worth trying if the last step brought this share more than all before.</summary>
    private const double Growth = 0.05;

    /// <summary>So many steps without growth end the search: one alone may be the machine's noise.</summary>
    private const int StepsWithoutGrowth = 2;

    /// <summary>A closed loop is run unless only rates are given, an open one unless only numbers of requests are.</summary>
    /// <param name="target">The server.</param>
    /// <param name="announce">Told what is measured next.</param>
    /// <param name="cancellationToken">Ends the step that is under way.</param>
    /// <returns>Each step when it has been measured.</returns>
    /// <inheritdoc cref="LoadGenerator.RunClosed" path="/exception"/>
    public IEnumerable<LoadStep> Run(LoadTarget target, Action<string> announce, CancellationToken cancellationToken)
    {
        announce("warming up");
        using (var generator = Connect(target, WarmUpConnections))
        {
            LoadWarmUp.Run(() => generator.RunClosed(Math.Min(Seconds, LongestWarmUpSlice), cancellationToken).Goodput);
        }

        double capacity = 0;
        if (Concurrencies is not null || Rates is null)
        {
            foreach (var step in RunClosed(target, announce, cancellationToken))
            {
                capacity = Math.Max(capacity, step.RequestsPerSecond);
                yield return step;
            }
        }

        foreach (var (rate, share) in OpenLoop(capacity))
        {
            announce(FormattableString.Invariant($"{rate:N0} requests a second"));
            using var generator = Connect(target, LoadGenerator.Connections);
            double[] arrivals = Arrivals == ArrivalProcess.Poisson ? LoadTesting.Arrivals.Poisson(rate, Seconds, Seed) : LoadTesting.Arrivals.Constant(rate, Seconds);
            yield return LoadStep.Open(rate, share, target.Requests.ImagesPerRequest, generator.RunOpen(arrivals, Seconds, cancellationToken));
        }
    }

    private static LoadGenerator Connect(LoadTarget target, int connections) =>
        new(target.EndPoint, target.Requests.Messages, target.Answers, connections) { SharesCore = true };

    private IEnumerable<LoadStep> RunClosed(LoadTarget target, Action<string> announce, CancellationToken cancellationToken)
    {
        double best = 0;
        int stale = 0;
        foreach (int concurrency in Concurrencies ?? Doubling())
        {
            announce($"concurrency {concurrency}");
            using var generator = Connect(target, concurrency);
            var step = LoadStep.Closed(concurrency, target.Requests.ImagesPerRequest, generator.RunClosed(Seconds, cancellationToken));
            yield return step;
            stale = step.RequestsPerSecond > best * (1 + Growth) ? 0 : stale + 1;
            best = Math.Max(best, step.RequestsPerSecond);
            if (Concurrencies is null && stale == StepsWithoutGrowth)
            {
                break;
            }
        }
    }

    /// <summary>The rates, and of what share of the capacity where they are chosen by it.</summary>
    private IEnumerable<(double Rate, double? Share)> OpenLoop(double capacity) => (Rates, Concurrencies) switch
    {
        (not null, _) => Rates.Select(rate => (rate, (double?)null)),
        (_, null) when capacity > 0 => Shares.Select(share => (share * capacity, (double?)share)),
        _ => [],
    };

    private static IReadOnlyList<int> Doubling() => [1, 2, 4, 8, 16, 32, 64, 128, LoadGenerator.Connections];
}
