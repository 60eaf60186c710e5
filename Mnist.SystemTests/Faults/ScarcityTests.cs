using System.Diagnostics;
using System.Net.Sockets;
using Mnist.Api.Kestrel;

namespace Mnist.SystemTests.Faults;

/// <summary>Bursts, the limit of open files, and a stopped process: accepted requests are answered, and the server recovers.</summary>
[TestFixture]
[CancelAfter(600_000)]
[Platform(Include = "Linux", Reason = "limits and stops a process")]
public sealed class ScarcityTests
{
    private KnownDigits _digits = null!;

    [OneTimeSetUp]
    public void ComputeTheAnswers() => _digits = KnownDigits.OfRandomWeights(100);

    [Test]
    public async Task Burst_OfAThousandRequests_AnswersEach(CancellationToken cancellationToken)
    {
        const int AtOnce = 1000;
        int bursts = LongRun.Count(quick: 2, full: 100);
        var (server, address) = await StartAsync([], cancellationToken);
        using var process = server;
        WireConnection[] connections = await OpenAsync(address, AtOnce, cancellationToken);
        int right = 0, refused = 0;
        for (int burst = 0; burst < bursts; burst++)
        {
            bool[] answers = await Task.WhenAll(connections.Select((connection, i) => IsAnsweredAsync(connection, i, cancellationToken)));
            right += answers.Count(isRight => isRight);
            refused += answers.Count(isRight => !isRight);
        }

        await CloseAsync(connections);
        LongRun.Report($"{bursts} times {AtOnce} requests at once: {right} right answers, {refused} rejected, 0 wrong or missing");
        Assert.That(refused, Is.Zero, "the in-flight limit is 4096");
    }

    [Test]
    public async Task FileLimit_ReachedByIdleClients_KeepsOpenConnectionsServed(CancellationToken cancellationToken)
    {
        const int Limit = 512;
        RequiredProgram.Check("prlimit", "--version");
        var (server, address) = await StartAsync(["prlimit", $"--nofile={Limit}:{Limit}"], cancellationToken);
        using var process = server;
        await using var inside = await WireConnection.OpenAsync(address, cancellationToken);
        Assert.That(await IsAnsweredAsync(inside, 0, cancellationToken));
        WireConnection[] idle = await OpenAsync(address, Limit, cancellationToken);

        // Longer than the idle timeout of a thread; the runtime needs a file descriptor to start the next one.
        var clock = Stopwatch.StartNew();
        int answers = 0;
        while (clock.Elapsed < TimeSpan.FromSeconds(LongRun.Count(quick: 6, full: 60)))
        {
            Assert.That(await IsAnsweredAsync(inside, answers++, cancellationToken));
            Assert.That(server.OpenFiles, Is.LessThan(Limit));
            await Task.Delay(50, cancellationToken);
        }

        await CloseAsync(idle);
        await using var later = await WireConnection.OpenAsync(address, cancellationToken);
        Assert.That(await IsAnsweredAsync(later, 1, cancellationToken));
        LongRun.Report($"{Limit} connections where {Limit} files may be open: {answers} right answers on the open connection, and one on a later connection");
    }

    [Test]
    public async Task FileLimit_CountsAllAddressesTogether(CancellationToken cancellationToken)
    {
        const int Connections = 40;
        const int Limit = ConnectionLimit.OwnFiles + Connections;
        RequiredProgram.Check("prlimit", "--version");
        var other = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var (server, address) = await StartAsync(["prlimit", $"--nofile={Limit}:{Limit}"], cancellationToken, other);
        using var process = server;
        WireConnection[] connections = [.. await OpenAsync(address, Connections, cancellationToken), .. await OpenAsync(other, Connections, cancellationToken)];
        int inside = 0;
        foreach (var connection in connections)
        {
            await connection.SendAsync(_digits.Request([0]), cancellationToken);
            inside += await IsInsideAsync(connection) ? 1 : 0;
        }

        await CloseAsync(connections);
        Assert.That(inside, Is.InRange(Connections - 4, Connections), "the connection of the readiness check may still be open");

        async Task<bool> IsInsideAsync(WireConnection connection)
        {
            try
            {
                return await connection.ReadAsync(cancellationToken) is not null;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    [Test]
    public async Task Stop_OfTheProcess_DelaysAnswersButLosesNone(CancellationToken cancellationToken)
    {
        const int Clients = 50;
        var pause = TimeSpan.FromSeconds(LongRun.Count(quick: 3, full: 10));
        var (server, address) = await StartAsync([], cancellationToken);
        using var process = server;
        WireConnection[] connections = await OpenAsync(address, Clients, cancellationToken);
        await Task.WhenAll(connections.Select((connection, i) => IsAnsweredAsync(connection, i, cancellationToken)));

        server.Signal("STOP");
        Assert.That(() => server.IsStopped, Is.True.After(5000, 1), "a signal is delivered when the process runs");
        var clock = Stopwatch.StartNew();
        Task<bool>[] waiting = [.. connections.Select((connection, i) => IsAnsweredAsync(connection, i, cancellationToken))];
        await Task.Delay(pause, cancellationToken);
        Assert.That(waiting.Count(answer => answer.IsCompleted), Is.Zero);
        server.Signal("CONT");
        bool[] answers = await Task.WhenAll(waiting);
        Assert.That(answers, Is.All.True, "the in-flight limit is 4096");
        double seconds = clock.Elapsed.TotalSeconds;
        Assert.That(await IsAnsweredAsync(connections[0], 7, cancellationToken));

        await CloseAsync(connections);
        LongRun.Report($"stopped for {pause.TotalSeconds} s: {answers.Count(isRight => isRight)} of {Clients} answered, {answers.Count(isRight => !isRight)} rejected, the last after {seconds:F1} s");
    }

    private static async Task<(ServerProcess Server, Uri Address)> StartAsync(string[] command, CancellationToken cancellationToken, Uri? other = null)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var server = ServerProcess.StartUnder(command, other is null ? address.ToString() : $"{address};{other}", [.. RandomWeights.Arguments, "--Serilog:MinimumLevel:Default=Warning"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        return (server, address);
    }

    private static async Task<WireConnection[]> OpenAsync(Uri address, int count, CancellationToken cancellationToken)
    {
        var connections = new WireConnection[count];
        for (int i = 0; i < count; i++)
        {
            connections[i] = await WireConnection.OpenAsync(address, cancellationToken);
        }

        return connections;
    }

    private static async Task CloseAsync(IEnumerable<WireConnection> connections)
    {
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>True if the answer is the expected one, false if the server rejects as full. Anything else fails the test.</summary>
    private async Task<bool> IsAnsweredAsync(WireConnection connection, int digit, CancellationToken cancellationToken)
    {
        digit %= _digits.Count;
        await connection.SendAsync(_digits.Request([digit]), cancellationToken);
        var answer = await connection.ReadAsync(cancellationToken);
        Assert.That(answer, Is.Not.Null, "the connection was closed without an answer");
        if (answer.Status == 503)
        {
            Assert.That(answer.Header("Retry-After"), Is.Not.Null);
            return false;
        }

        Assert.That(answer.Text, Is.EqualTo(_digits.Answer([digit])));
        return true;
    }
}
