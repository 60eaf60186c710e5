using System.Text.Json.Serialization;

namespace Mnist.LoadTesting;

/// <summary>The schedule of an open loop.</summary>
internal enum ArrivalProcess
{
    /// <summary>A Poisson process, as of many independent clients.</summary>
    [JsonStringEnumMemberName("poisson")]
    Poisson,

    /// <summary>Equal gaps.</summary>
    [JsonStringEnumMemberName("constant")]
    Constant,
}

/// <summary>A load test: steps of a closed loop, which measure capacity, and of an open loop, which measure latency.</summary>
/// <param name="Concurrencies">Requests in flight in each step of the closed loop; null: 1, 2, 4 and so on until the rate no longer grows.</param>
/// <param name="Rates">Requests per second in each step of the open loop; null: <see cref="Shares"/> of the capacity.</param>
/// <param name="Seconds">Length of each step.</param>
/// <param name="Arrivals">The schedule of the open loop.</param>
/// <param name="Seed">The seed of a random schedule.</param>
internal sealed record LoadPlan(IReadOnlyList<int>? Concurrencies, IReadOnlyList<double>? Rates, double Seconds, ArrivalProcess Arrivals, int Seed)
{
    /// <summary>Default rates of the open loop, as shares of the capacity.</summary>
    public static readonly double[] Shares = [0.5, 0.8, 0.95];

    private const double MaxWarmUpRunSeconds = 1;
    private const int WarmUpConnections = 8;

    /// <summary>The rate grows if a step exceeds the best one before by this share.</summary>
    private const double MinGrowth = 0.05;

    /// <summary>The closed loop ends after so many steps without growth. One alone can be noise.</summary>
    private const int StepsWithoutGrowth = 2;

    /// <summary>Runs the closed loop, unless only rates are given, then the open loop, unless only concurrencies are given.</summary>
    /// <param name="target">The server.</param>
    /// <param name="announce">Receives the name of the next step.</param>
    /// <param name="cancellationToken">Ends the current step.</param>
    /// <returns>The steps, each as soon as it is measured.</returns>
    /// <inheritdoc cref="LoadGenerator.RunClosed" path="/exception"/>
    public IEnumerable<LoadStep> Run(LoadTarget target, Action<string> announce, CancellationToken cancellationToken)
    {
        announce("warming up");
        using (var generator = Connect(target, WarmUpConnections))
        {
            LoadWarmUp.Run(() => generator.RunClosed(Math.Min(Seconds, MaxWarmUpRunSeconds), cancellationToken).Goodput);
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
            using var generator = Connect(target, LoadGenerator.MaxConnections);
            double[] arrivals = Arrivals == ArrivalProcess.Poisson ? LoadTesting.Arrivals.Poisson(rate, Seconds, Seed) : LoadTesting.Arrivals.Constant(rate, Seconds);
            yield return LoadStep.Open(rate, share, target.Requests.ImagesPerRequest, generator.RunOpen(arrivals, Seconds, cancellationToken));
        }
    }

    private static LoadGenerator Connect(LoadTarget target, int connections) =>
        new(target.EndPoint, target.Requests.Messages, target.Responses, connections) { SharesCore = true };

    private IEnumerable<LoadStep> RunClosed(LoadTarget target, Action<string> announce, CancellationToken cancellationToken)
    {
        double best = 0;
        int stepsWithoutGrowth = 0;
        foreach (int concurrency in Concurrencies ?? Doubling())
        {
            announce($"concurrency {concurrency}");
            using var generator = Connect(target, concurrency);
            var step = LoadStep.Closed(concurrency, target.Requests.ImagesPerRequest, generator.RunClosed(Seconds, cancellationToken));
            yield return step;
            stepsWithoutGrowth = step.RequestsPerSecond > best * (1 + MinGrowth) ? 0 : stepsWithoutGrowth + 1;
            best = Math.Max(best, step.RequestsPerSecond);
            if (Concurrencies is null && stepsWithoutGrowth == StepsWithoutGrowth)
            {
                break;
            }
        }
    }

    /// <summary>The rates of the open loop, with their share of the capacity if they are derived from it.</summary>
    private IEnumerable<(double Rate, double? Share)> OpenLoop(double capacity) => (Rates, Concurrencies) switch
    {
        (not null, _) => Rates.Select(rate => (rate, (double?)null)),
        (_, null) when capacity > 0 => Shares.Select(share => (share * capacity, (double?)share)),
        _ => [],
    };

    private static IReadOnlyList<int> Doubling() => [1, 2, 4, 8, 16, 32, 64, 128, LoadGenerator.MaxConnections];
}
