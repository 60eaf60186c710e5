using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Mnist.Tests.Api.Hostile;

/// <summary>More requests than the server can answer: it goes on answering what it can, and refuses the others at once.</summary>
public sealed class OverloadLoadTests
{
    private const int ImagesPerRequest = 64;

    /// <summary>Requests under way at once, fewer than the connections that the server takes: those that find no room here are not sent.</summary>
    private const int MaxUnderWay = 1000;

    private static readonly Lazy<KnownDigits> LazyDigits = new(() => KnownDigits.OfShippedWeights(ImagesPerRequest));

    /// <summary>Whether server and clients have cores of their own: figures that are kept must not be those of who got more of a shared one.</summary>
    private static bool HasCores => LongRun.IsFull && OperatingSystem.IsLinux() && Environment.ProcessorCount > 1;

    private static int Rounds => LongRun.Count(quick: 1, full: 12);

    private static TimeSpan Slice => TimeSpan.FromSeconds(LongRun.Count(quick: 2, full: 5));

    /// <summary>The server closes connections that were idle for 75 s: those that come near it are not used again.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);

    private readonly ConcurrentBag<(WireConnection Connection, long Since)> _idle = [];
    private Uri _address = null!;
    private byte[] _request = [];
    private string _answer = string.Empty;
    private int _right;
    private int _refused;
    private int _wrong;
    private string? _firstWrong;
    private int _underWay;

    [Test]
    public async Task Overload_OfTwiceAndTenTimesItsCapacity_LeavesMostOfIt()
    {
        _address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        _request = LazyDigits.Value.Request(Enumerable.Range(0, ImagesPerRequest));
        _answer = LazyDigits.Value.Answer(Enumerable.Range(0, ImagesPerRequest));
        using var server = ServerProcess.StartUnder(HasCores ? ["taskset", "-c", "0"] : [], _address.ToString(), "--Serilog:MinimumLevel:Default=Warning");
        if (HasCores)
        {
            // All threads of this process, the clients' side.
            using var pinned = Process.Start("taskset", ["-acp", $"1-{Environment.ProcessorCount - 1}", $"{Environment.ProcessId}"]);
            await pinned.WaitForExitAsync();
        }

        await server.WaitUntilReadyAsync(_address, CancellationToken.None);
        await MeasureCapacityAsync();
        double memory = server.ResidentMebibytes;
        Overload[] loads = [new(2), new(10)];
        for (int round = 0; round < Rounds; round++)
        {
            // By turns: what else the machine does changes from one minute to the next.
            double capacity = await MeasureCapacityAsync();
            foreach (var load in loads)
            {
                await OverloadAsync(load, capacity);
            }
        }

        foreach (var load in loads)
        {
            LongRun.Report($"{load.Factor} x {load.Capacity / Rounds:0} requests a second of {ImagesPerRequest} images: {load.Sent} sent, {load.Unsent} not sent as {MaxUnderWay} were under way, {load.Right} right, {load.Refused} refused, {_wrong} wrong; {load.Share:P0} of the capacity answered, health within {load.Health(0.99):0} ms for 99 % of {load.HealthTimes.Count} checks, {load.Health(1):0} ms for all");
        }

        LongRun.Report($"memory from {memory:0} to {server.ResidentMebibytes:0} MiB");
        Assert.That(_wrong, Is.Zero, _firstWrong);
        Assert.That(loads.Min(load => load.Right), Is.Positive);
        if (LongRun.IsFull)
        {
            Assert.That(loads[0].Share, Is.GreaterThan(0.95), "twice the capacity");
            Assert.That(loads[1].Share, Is.GreaterThan(0.9), "ten times the capacity");
            Assert.That(loads.Max(load => load.Health(0.99)), Is.LessThan(100), "ms");
            Assert.That(server.ResidentMebibytes, Is.LessThan(memory + 64));
        }
    }

    private async Task OverloadAsync(Overload load, double capacity)
    {
        (_right, _refused) = (0, 0);
        var clock = Stopwatch.StartNew();
        var health = WatchHealthAsync(Slice);
        var (sent, unsent) = await SendAtRateAsync(capacity * load.Factor, Slice);
        load.Rate += _right / clock.Elapsed.TotalSeconds;
        load.Capacity += capacity;
        load.Sent += sent;
        load.Unsent += unsent;
        load.Right += _right;
        load.Refused += _refused;
        load.HealthTimes.AddRange(await health);
    }

    /// <summary>What a few clients get that wait for their answers.</summary>
    private async Task<double> MeasureCapacityAsync()
    {
        _right = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < Slice)
            {
                await ExchangeAsync();
            }
        })));
        return _right / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Sends when it is time, whatever became of the requests before.</summary>
    private async Task<(int Sent, int Unsent)> SendAtRateAsync(double rate, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var requests = new List<Task>();
        int unsent = 0;
        while (clock.Elapsed < duration)
        {
            while (requests.Count + unsent < clock.Elapsed.TotalSeconds * rate)
            {
                if (Volatile.Read(ref _underWay) < MaxUnderWay)
                {
                    Interlocked.Increment(ref _underWay);
                    requests.Add(Task.Run(async () =>
                    {
                        await ExchangeAsync();
                        Interlocked.Decrement(ref _underWay);
                    }));
                }
                else
                {
                    unsent++;
                }
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(requests);
        return (requests.Count, unsent);
    }

    private async Task ExchangeAsync()
    {
        WireConnection connection;
        try
        {
            connection = await ConnectAsync();
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _wrong);
            return;
        }

        await connection.SendAsync(_request, CancellationToken.None);
        var answer = await connection.ReadAsync(CancellationToken.None);
        bool isRight = answer?.Status == 200 && answer.Text == _answer;
        bool isRefused = answer?.Status == 503 && answer.Header("Retry-After") is not null && answer.Header("Content-Type") == "application/problem+json";
        if (!isRight && !isRefused)
        {
            _firstWrong ??= answer is null ? "closed without an answer" : $"{answer.Status} {answer.Text}";
        }

        Interlocked.Increment(ref isRight ? ref _right : ref isRefused ? ref _refused : ref _wrong);
        if (answer is { Closes: false })
        {
            _idle.Add((connection, Stopwatch.GetTimestamp()));
        }
        else
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<WireConnection> ConnectAsync()
    {
        while (_idle.TryTake(out var idle))
        {
            if (Stopwatch.GetElapsedTime(idle.Since) < LongestIdle)
            {
                return idle.Connection;
            }

            await idle.Connection.DisposeAsync();
        }

        return await WireConnection.OpenAsync(_address, CancellationToken.None);
    }

    /// <returns>How long each check took, in milliseconds.</returns>
    private async Task<List<double>> WatchHealthAsync(TimeSpan duration)
    {
        await using var connection = await WireConnection.OpenAsync(_address, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        var times = new List<double>();
        while (clock.Elapsed < duration)
        {
            var start = clock.Elapsed;
            await connection.SendAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), CancellationToken.None);
            Assert.That((await connection.ReadAsync(CancellationToken.None))?.Status, Is.EqualTo(200));
            times.Add((clock.Elapsed - start).TotalMilliseconds);
            await Task.Delay(20);
        }

        return times;
    }

    /// <summary>What came of one load, over all rounds.</summary>
    private sealed class Overload(int factor)
    {
        /// <summary>Of the capacity.</summary>
        public int Factor => factor;

        public double Capacity { get; set; }

        public double Rate { get; set; }

        public double Share => Rate / Capacity;

        public int Sent { get; set; }

        public int Unsent { get; set; }

        public int Right { get; set; }

        public int Refused { get; set; }

        public List<double> HealthTimes { get; } = [];

        /// <summary>The milliseconds within which this share of the health checks were answered.</summary>
        public double Health(double share) => HealthTimes.Order().ElementAt((int)Math.Ceiling(share * HealthTimes.Count) - 1);
    }
}
