using System.Text;
using Mnist.SystemTests.Load;

namespace Mnist.SystemTests.Faults;

/// <summary>Servers that are stopped or killed while clients use them.</summary>
[Platform(Exclude = "Win", Reason = "needs signals")]
public sealed class TerminationTests
{
    private const int Clients = 8;

    private static readonly Lazy<KnownDigits> LazyDigits = new(() => KnownDigits.OfRandomWeights(100));

    [Test]
    public async Task Terminate_UnderLoad_LosesNothing()
    {
        int rounds = LongRun.Count(quick: 2, full: 100);
        int answered = 0;
        for (int round = 0; round < rounds; round++)
        {
            answered += await TerminateAsync(round);
        }

        LongRun.Report($"{rounds} times SIGTERM, {answered} requests, all answered rightly");
    }

    [Test]
    public async Task Kill_UnderLoad_GivesNoWrongAnswer()
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var load = new MixedLoad(address, LazyDigits.Value);
        var run = Task.CompletedTask;
        int rounds = LongRun.Count(quick: 2, full: 20);
        for (int round = 0; round < rounds; round++)
        {
            using var server = await StartAsync(address);
            run = round == 0 ? load.RunAsync(int.MaxValue, Clients, CancellationToken.None) : run;
            long right = load.Right;
            while (load.Right < right + 200)
            {
                await Task.Delay(10);
            }

            server.Signal("KILL");
            await server.ExitAsync(CancellationToken.None);
        }

        load.Stop();
        await run;
        LongRun.Report($"{rounds} times SIGKILL, {load.Right} right answers, {load.Mismatches} wrong, {load.Unanswered} without an answer while no server ran");
        Assert.That(load.Mismatches, Is.Zero, load.FirstMismatch);
        Assert.That(load.Unanswered, Is.Positive, "the kills must interrupt requests");
    }

    /// <summary>The server waits for the body until its timeout, then exits with 0: no worker hangs.</summary>
    [Test]
    public async Task Terminate_DuringAnEndlessBody_ExitsWithZero()
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = await StartAsync(address, "--Mnist:DrainDelay=0");
        await using var connection = await WireConnection.OpenAsync(address, CancellationToken.None);
        await connection.SendAsync(
            Encoding.ASCII.GetBytes($"POST /mnist/classify?normalize=true HTTP/1.1\r\n{BadRequest.Host}{BadRequest.Json}{BadRequest.Length(10_000_000)}\r\n"), CancellationToken.None);
        using var sending = new CancellationTokenSource();
        var slow = SendForEverAsync();
        await Task.Delay(200);
        server.Signal("TERM");
        var (exitCode, error) = await server.ExitAsync(CancellationToken.None);
        await sending.CancelAsync();
        await slow;

        Assert.That(error, Is.Empty);
        Assert.That(exitCode, Is.Zero);

        async Task SendForEverAsync()
        {
            while (!sending.IsCancellationRequested)
            {
                await connection.SendAsync(new byte[10_000], CancellationToken.None);
                await Task.Delay(100);
            }
        }
    }

    /// <returns>Requests that were answered.</returns>
    private static async Task<int> TerminateAsync(int seed)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = await StartAsync(address, "--Mnist:DrainDelay=00:00:01");
        var clients = Enumerable.Range(0, Clients).Select(client => SendUntilClosedAsync(address, new Random(seed * Clients + client))).ToList();
        // Longer than from the signal to the closing of the port.
        var slow = SendSlowlyAsync(address, TimeSpan.FromSeconds(1.8));
        await Task.Delay(new Random(seed).Next(100, 600));
        server.Signal("TERM");
        int[] answered = await Task.WhenAll([.. clients, slow]);
        var (exitCode, error) = await server.ExitAsync(CancellationToken.None);

        Assert.That(exitCode, Is.Zero, error);
        Assert.That(error, Is.Empty);
        Assert.That(answered, Is.All.Positive);
        return answered.Sum();
    }

    /// <summary>Sends until an answer announces that the connection closes, as a load balancer that loses no request does.</summary>
    private static async Task<int> SendUntilClosedAsync(Uri address, Random random)
    {
        await using var connection = await WireConnection.OpenAsync(address, CancellationToken.None);
        for (int answered = 0; ; answered++)
        {
            int[] digits = random.GetItems(Enumerable.Range(0, LazyDigits.Value.Count).ToArray(), random.Next(1, 17));
            if ((await ExchangeAsync(connection, digits, TimeSpan.Zero)).Closes)
            {
                return answered + 1;
            }
        }
    }

    /// <summary>A request that is accepted before the signal, and complete after the port has closed.</summary>
    private static async Task<int> SendSlowlyAsync(Uri address, TimeSpan pause)
    {
        await using var connection = await WireConnection.OpenAsync(address, CancellationToken.None);
        await ExchangeAsync(connection, [1, 2, 3], pause);
        return 1;
    }

    private static async Task<WireAnswer> ExchangeAsync(WireConnection connection, int[] digits, TimeSpan pause)
    {
        byte[] request = LazyDigits.Value.Request(digits);
        await connection.SendAsync(request.AsMemory(0, request.Length / 2), CancellationToken.None);
        await Task.Delay(pause);
        await connection.SendAsync(request.AsMemory(request.Length / 2), CancellationToken.None);
        var answer = await connection.ReadAsync(CancellationToken.None);

        Assert.That(answer?.Status, Is.EqualTo(200), $"{answer?.Text ?? "the connection ended without an answer"}");
        Assert.That(answer!.Text, Is.EqualTo(LazyDigits.Value.Answer(digits)));
        return answer;
    }

    private static async Task<ServerProcess> StartAsync(Uri address, params string[] settings)
    {
        var server = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments, "--Serilog:MinimumLevel:Default=Warning", .. settings]);
        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        return server;
    }
}
