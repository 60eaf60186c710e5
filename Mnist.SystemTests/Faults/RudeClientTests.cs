using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mnist.SystemTests.Load;

namespace Mnist.SystemTests.Faults;

/// <summary>Slow, idle and disconnected clients beside well-behaved ones: those are served, and nothing stays allocated for the others.</summary>
public sealed partial class RudeClientTests
{
    [Test]
    [Platform(Include = "Linux", Reason = "counts open files in /proc")]
    public async Task RudeClients_OfEveryKind_AffectNobodyAndLeakNothing()
    {
        int crowd = LongRun.Count(quick: 40, full: 800);
        var digits = KnownDigits.OfRandomWeights(100);
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var management = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(
            address.ToString(), [.. RandomWeights.Arguments, $"--Mnist:ManagementUrl={management}", "--Serilog:MinimumLevel:Default=Warning"]);
        await server.WaitUntilReadyAsync(address, CancellationToken.None);
        byte[] request = digits.Request([0]);
        var honest = new MixedLoad(address, digits) { BadShare = 0, AbortedShare = 0 };
        await honest.RunAsync(200, 4, CancellationToken.None);
        int files = server.OpenFiles;
        long before = honest.Right;

        var run = honest.RunAsync(int.MaxValue, 4, CancellationToken.None);
        WireConnection[] slowHeads = await OpenAllAsync(request.AsMemory(0, 40));
        WireConnection[] slowBodies = await OpenAllAsync(request.AsMemory(0, request.Length - 1));
        WireConnection[] unread = await OpenAllAsync(Repeat(digits.Request(Enumerable.Range(0, 64)), 3));
        for (int i = 0; i < crowd * 5; i++)
        {
            await using var gone = await WireConnection.OpenAsync(address, CancellationToken.None);
            await gone.SendAsync(request.AsMemory(0, i % request.Length), CancellationToken.None);
            gone.Abort();
        }

        await AssertAllAsync(slowHeads, 408);

        // Slow uploads may hold half of the capacity; the others get 503.
        await AssertAllAsync(slowBodies, 408, crowd > 500 ? 503 : 408);
        foreach (var connection in unread)
        {
            await connection.DisposeAsync();
        }

        honest.Stop();
        await run;
        LongRun.Report($"{crowd} clients of each kind, {crowd * 5} disconnected; {honest.Right - before} right answers beside them, {honest.Mismatches + honest.Unanswered} wrong or missing, {honest.Refused} refused");
        Assert.That(honest.Mismatches + honest.Unanswered, Is.Zero, honest.FirstMismatch);
        Assert.That(honest.Refused, Is.LessThanOrEqualTo(LongRun.IsFull ? honest.Right / 100 : 0), "only the full number of clients may fill the server for a moment");
        Assert.That(honest.Right - before, Is.GreaterThan(100));
        Assert.That(() => InFlightAsync(management).GetAwaiter().GetResult(), Is.Zero.After(10_000, 100), "images in flight");
        Assert.That(() => server.OpenFiles, Is.LessThanOrEqualTo(files + 4).After(10_000, 100), "open files");
        Assert.That(server.Output, Does.Not.Contain("\"@l\":\"Error\""), "a client that disconnects is not an error");

        async Task<WireConnection[]> OpenAllAsync(ReadOnlyMemory<byte> beginning) => await Task.WhenAll(Enumerable.Range(0, crowd).Select(async _ =>
        {
            var connection = await WireConnection.OpenAsync(address, CancellationToken.None);
            await connection.SendAsync(beginning, CancellationToken.None);
            return connection;
        }));
    }

    private static async Task AssertAllAsync(WireConnection[] connections, params int[] statuses)
    {
        foreach (var connection in connections)
        {
            Assert.That((await connection.ReadAsync(CancellationToken.None))?.Status, Is.AnyOf(statuses));
            await connection.DisposeAsync();
        }
    }

    private static byte[] Repeat(byte[] request, int count) => [.. Enumerable.Repeat(request, count).SelectMany(bytes => bytes)];

    private static async Task<int> InFlightAsync(Uri management)
    {
        await using var connection = await WireConnection.OpenAsync(management, CancellationToken.None);
        await connection.SendAsync(Encoding.Latin1.GetBytes($"GET /metrics HTTP/1.1\r\n{BadRequest.Host}\r\n"), CancellationToken.None);
        var answer = await connection.ReadAsync(CancellationToken.None);
        return int.Parse(InFlight().Match(answer!.Text).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^mnist_images_in_flight(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex InFlight();
}
