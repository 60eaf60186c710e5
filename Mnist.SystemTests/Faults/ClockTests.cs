using System.Globalization;
using System.Text;
using Mnist.SystemTests.Load;

namespace Mnist.SystemTests.Faults;

/// <summary>Jumps of the system clock: deadlines and time limits use the monotonic clock.</summary>
[Platform(Include = "Linux", Reason = "needs libfaketime")]
[CancelAfter(120_000)]
public sealed class ClockTests
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    [Test]
    public async Task Clock_ThatJumps_AffectsNoRequest(CancellationToken cancellationToken)
    {
        if (!File.Exists(Library))
        {
            Assert.Ignore($"needs {Library}, of Debian's package libfaketime");
        }

        using var folder = new TemporaryFolder();
        string clock = folder.Write("clock", "+0\n"u8.ToArray());
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(
            ["env", $"LD_PRELOAD={Library}", $"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"],
            address.ToString(), [.. RandomWeights.Arguments, "--Mnist:DrainDelay=0"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        var load = new MixedLoad(address, KnownDigits.OfRandomWeights(100));
        var run = load.RunAsync(int.MaxValue, 4, cancellationToken);
        foreach (string jump in (string[])["+3600", "-3600", "+10y", "-10y", "+0"])
        {
            await File.WriteAllTextAsync(clock, jump + "\n", cancellationToken);

            // The server updates its date once a second.
            await Task.Delay(2500, cancellationToken);
            LongRun.Report($"{jump}: the server's date is {await DateAsync(address, cancellationToken):u}, {load.Right} right answers, {load.Refused} rejected");
            if (jump != "+0")
            {
                Assert.That((await DateAsync(address, cancellationToken) - DateTimeOffset.UtcNow).Duration(), Is.GreaterThan(TimeSpan.FromMinutes(50)), "the clock must have jumped");
            }
        }

        load.Stop();
        await run;
        Assert.That(load.Mismatches + load.Unanswered + load.Refused, Is.Zero, load.FirstMismatch);
        server.Signal("TERM");
        var (exitCode, error) = await server.ExitAsync(cancellationToken);
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(server.Output, Does.Not.Match("in -[0-9]"), "a negative duration");
    }

    private static async Task<DateTimeOffset> DateAsync(Uri address, CancellationToken cancellationToken)
    {
        await using var connection = await WireConnection.OpenAsync(address, cancellationToken);
        await connection.SendAsync(Encoding.Latin1.GetBytes($"GET /health/live HTTP/1.1\r\n{BadRequest.Host}\r\n"), cancellationToken);
        var answer = await connection.ReadAsync(cancellationToken);
        return DateTimeOffset.Parse(answer!.Header("Date")!, CultureInfo.InvariantCulture);
    }
}
