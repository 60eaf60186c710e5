using System.Diagnostics;
using System.Net;
using System.Text;
using Mnist.LoadTesting;

namespace Mnist.SystemTests.Load;

/// <summary>More requests than the server can answer: it keeps its throughput, rejects the rest at once, and recovers when the overload ends.</summary>
public sealed class OverloadLoadTests
{
    private const int ImagesPerRequest = 64;

    /// <summary>Closed-loop clients: enough to keep the server busy without a queue.</summary>
    private const int Clients = 4;

    /// <summary>Requests in flight, fewer than the connections that the server accepts.</summary>
    private const int MaxInFlight = 1000;

    /// <summary>Threads besides the engine workers: thread pool, GC, JIT, console, timers, signals and sockets.</summary>
    private const int OtherThreads = 24;

    /// <summary>Duration of a capacity measurement, and the recovery time allowed after an overload.</summary>
    private const double CapacitySeconds = 1;

    private IPEndPoint _server = null!;
    private byte[] _request = [];
    private byte[] _answer = [];

    /// <summary>Whether server and clients run on separate cores. On shared cores the figures depend on the scheduler.</summary>
    private static bool HasCores => LongRun.IsFull && OperatingSystem.IsLinux() && Environment.ProcessorCount > 1;

    private static int Rounds => LongRun.Count(quick: 1, full: 15);

    /// <summary>Duration of each load.</summary>
    private static double Seconds => LongRun.Count(quick: 1, full: 5);

    [Test]
    public async Task Overload_AtTwoAndTenTimesTheCapacity_KeepsTheThroughput()
    {
        var digits = KnownDigits.OfShippedWeights(ImagesPerRequest);
        _request = digits.Request(Enumerable.Range(0, ImagesPerRequest));
        _answer = Encoding.ASCII.GetBytes(digits.Answer(Enumerable.Range(0, ImagesPerRequest)));
        _server = new IPEndPoint(IPAddress.Loopback, ServerProcess.FreePort());
        var address = new Uri($"http://{_server}");
        using var server = ServerProcess.StartUnder(HasCores ? ["taskset", "-c", "0"] : [], address.ToString(), "--Serilog:MinimumLevel:Default=Warning");
        if (HasCores)
        {
            // All threads of this process: the clients.
            using var pinned = Process.Start("taskset", ["-acp", $"1-{Environment.ProcessorCount - 1}", $"{Environment.ProcessId}"]);
            await pinned.WaitForExitAsync();
        }

        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        await MeasureCapacityAsync();
        double memory = server.ResidentMebibytes;
        Load[] loads = [new(0.5), new(2), new(10), new(0.5)];
        double before = await MeasureCapacityAsync();
        for (int round = 0; round < Rounds; round++)
        {
            // Interleaved, with the capacity before and after each load, because the speed of a shared machine changes within seconds.
            foreach (var load in loads)
            {
                var health = WatchHealthAsync(address);
                var outcome = await RunAsync(load.Factor * before, seed: round);
                double after = await MeasureCapacityAsync();
                load.Add((before + after) / 2, outcome, await health);
                before = after;
            }
        }

        Array.ForEach(loads, load => LongRun.Report($"{load}"));
        LongRun.Report($"memory from {memory:0} to {server.ResidentMebibytes:0} MiB, {server.Threads} threads");
        var (half, twice, tenfold, halfAgain) = (loads[0], loads[1], loads[2], loads[3]);
        Assert.That(loads.Min(load => load.Share), Is.Positive);
        Assert.That(loads.Sum(load => load.Unexplained), Is.Zero, "rejections without Retry-After or problem");
        if (LongRun.IsFull)
        {
            Assert.That(twice.Share, Is.GreaterThan(0.95), "twice the capacity");
            Assert.That(tenfold.Share, Is.GreaterThan(0.9), "ten times the capacity");
            Assert.That(loads.Max(load => load.Health(99)), Is.LessThan(100), "ms");
            Assert.That(halfAgain.Refused, Is.Zero, "half of the capacity, after an overload");
            Assert.That(halfAgain.Answered(50), Is.LessThan(1.1 * half.Answered(50)), "ms, half of the capacity, after an overload and before");
            Assert.That(server.ResidentMebibytes, Is.LessThan(memory + 64));
            Assert.That(server.Threads, Is.LessThanOrEqualTo((HasCores ? 1 : Environment.ProcessorCount) + OtherThreads));
        }
    }

    private async Task<double> MeasureCapacityAsync()
    {
        using var generator = Connect(Clients);
        return (await OnOwnThread(() => generator.RunClosed(CapacitySeconds))).Goodput;
    }

    /// <summary>Open loop: sends at the arrival times, whether or not earlier requests are answered.</summary>
    private async Task<LoadOutcome> RunAsync(double rate, int seed)
    {
        using var generator = Connect(MaxInFlight);
        return await OnOwnThread(() => generator.RunOpen(Arrivals.Poisson(rate, Seconds, seed), Seconds));
    }

    private LoadGenerator Connect(int connections) => new(_server, [_request], [_answer], connections) { SharesCore = !HasCores };

    private static async Task<LoadOutcome> OnOwnThread(Func<LoadOutcome> run) =>
        (await Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).RequireCorrect();

    /// <returns>Duration of each check, in milliseconds.</returns>
    private static async Task<List<double>> WatchHealthAsync(Uri address)
    {
        await using var connection = await WireConnection.OpenAsync(address, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var times = new List<double>();
        while (clock.Elapsed.TotalSeconds < Seconds)
        {
            var start = clock.Elapsed;
            await connection.SendAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), CancellationToken.None);
            Assert.That((await connection.ReadAsync(CancellationToken.None))?.Status, Is.EqualTo(200));
            times.Add((clock.Elapsed - start).TotalMilliseconds);
            await Task.Delay(20);
        }

        return times;
    }

    /// <summary>The outcome of one load over all rounds.</summary>
    /// <param name="factor">Arrival rate, relative to the capacity.</param>
    private sealed class Load(double factor)
    {
        private readonly List<double> _answers = [];
        private readonly List<double> _rejections = [];
        private readonly List<double> _healthChecks = [];
        private double _capacity;
        private double _goodput;
        private int _lost;
        private int _rounds;

        public double Factor => factor;

        /// <summary>Throughput, relative to the capacity.</summary>
        public double Share => _goodput / _capacity;

        public int Unexplained { get; private set; }

        public int Refused => _rejections.Count + _lost;

        public void Add(double capacity, LoadOutcome outcome, IEnumerable<double> healthChecks)
        {
            _rounds++;
            _capacity += capacity;
            _goodput += outcome.Goodput;
            _answers.AddRange(outcome.Latencies);
            _rejections.AddRange(outcome.RejectionLatencies);
            Unexplained += outcome.Unexplained;
            _lost += outcome.Lost + outcome.Unanswered;
            _healthChecks.AddRange(healthChecks);
        }

        /// <summary>Percentile of the latency of answered requests, in milliseconds.</summary>
        public double Answered(double percent) => 1e3 * Samples.Percentile(_answers, percent);

        /// <summary>Percentile of the latency of health checks, in milliseconds.</summary>
        public double Health(double percent) => Samples.Percentile(_healthChecks, percent);

        public override string ToString()
        {
            string rejections = _rejections.Count == 0 ? "none rejected"
                : FormattableString.Invariant($"{_rejections.Count} rejected, 50 and 99 % of them within {1e3 * Samples.Percentile(_rejections, 50):0.0} and {1e3 * Samples.Percentile(_rejections, 99):0.0} ms");
            return FormattableString.Invariant(
                $"{factor} x {_capacity / _rounds:0} requests a second of {ImagesPerRequest} images: {_answers.Count} right, {Share:P1} of the capacity, 50 and 99 % of them within {Answered(50):0.0} and {Answered(99):0.0} ms; {rejections}, {_lost} lost; health within {Health(99):0} ms for 99 % of {_healthChecks.Count} checks, {Health(100):0} ms for all");
        }
    }
}
