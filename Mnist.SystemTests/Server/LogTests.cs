using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text;
using Mnist.Api.Controllers;

namespace Mnist.SystemTests.Server;

/// <summary>The log on standard output: its lines, and an output that is blocked or closed.</summary>
[CancelAfter(60_000)]
public sealed class LogTests
{
    private const string Escape = "\u001b[31m";

    [Test]
    public async Task Lines_OfHostileRequests_AreOneJsonObjectEach(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        using var client = new HttpClient { BaseAddress = address };
        string[] paths = ["a%0D%0Ab", Uri.EscapeDataString(Escape), "%E2%80%A8", "%7B0%7D%7B@x%7D", "$%7Bjndi:ldap:%7D", "%22%7D", new('a', 1500)];
        foreach (string path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{path}?{path}");
            request.Headers.TryAddWithoutValidation("User-Agent", "{0} ${jndi:ldap:}");
            using var response = await client.SendAsync(request, cancellationToken);
            Assert.That((int)response.StatusCode, Is.EqualTo(404).Or.EqualTo(414));
        }

        server.Signal("INT");
        var (_, error) = await server.ExitAsync(cancellationToken);
        Assert.That(server.LogLines().Count(line => line.TryGetProperty("StatusCode", out _)), Is.EqualTo(paths.Length - 1), "a path that is too long is rejected before it is logged");
        Assert.That(server.Output, Does.Match(@"^[ -~\n]*$"), "printable ASCII and line feeds only");
        Assert.That(error, Is.Empty);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "starts a Unix shell")]
    public async Task Output_ThatNobodyReads_BlocksNoRequest(CancellationToken cancellationToken)
    {
        var address = Address();
        using var shell = Start("exec dotnet \"$0\" \"$@\"", address);
        using var client = new HttpClient();
        try
        {
            // A pipe holds 64 KiB, and a line has more than 200 bytes.
            await SendAsync(client, address, 600, cancellationToken);
        }
        finally
        {
            shell.Kill();
        }
    }

    [TestCase("> /dev/full", "a full disk")]
    [TestCase("| true", "a pipe whose reader has ended")]
    [Platform(Include = "Linux", Reason = "needs a device that is always full, and a Unix shell")]
    public async Task Output_ThatFails_IsDroppedAndCounted(string output, string name, CancellationToken cancellationToken)
    {
        var (address, management) = (Address(), Address());
        using var shell = Start($"dotnet \"$0\" \"$@\" {output} & wait", address, $"--Mnist:ManagementUrl={management}");
        using var client = new HttpClient();
        try
        {
            await SendAsync(client, address, 20, cancellationToken);
            await Task.Delay(500, cancellationToken);
            string metrics = await client.GetStringAsync(new Uri(management, "metrics"), cancellationToken);

            Assert.That(metrics, Does.Match(@"mnist_log_dropped_total\{[^}]*\} [1-9]"), name);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    [Test]
    public async Task Rejections_OfAFullServer_AreLoggedOncePerSecond_AndAllCounted(CancellationToken cancellationToken)
    {
        const int Requests = 100;
        var (address, management) = (Address(), Address());
        using var server = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments, "--Mnist:MaxImagesInFlight=64", $"--Mnist:ManagementUrl={management}"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        int rejected = 0;
        string metrics;
        var clock = Stopwatch.StartNew();
        await using (var holder = await WireConnection.OpenAsync(address, cancellationToken))
        {
            // Takes all capacity with its head, and returns it when its body is too slow. The server asks for the body once it is admitted.
            await holder.SendAsync(
                Encoding.ASCII.GetBytes($"{BadRequest.Post}{BadRequest.Json}{BadRequest.Length(1_000_000)}Expect: 100-continue\r\n\r\n"), cancellationToken);
            Assert.That((await holder.ReadAsync(cancellationToken))?.Status, Is.EqualTo(100));
            using var client = new HttpClient { BaseAddress = address };
            for (int i = 0; i < Requests; i++)
            {
                using var response = await client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), MnistServer.Json("{}"), cancellationToken);
                rejected += response.StatusCode == HttpStatusCode.ServiceUnavailable ? 1 : 0;
            }

            metrics = await client.GetStringAsync(new Uri(management, "metrics"), cancellationToken);
        }

        double seconds = clock.Elapsed.TotalSeconds;
        server.Signal("INT");
        await server.ExitAsync(cancellationToken);
        var lines = server.LogLines().Where(line => line.TryGetProperty("StatusCode", out var status) && status.GetInt32() == 503).ToList();
        Assert.That(rejected, Is.GreaterThan(Requests / 4));
        Assert.That(lines, Has.Count.Positive.And.Count.LessThan(seconds + 2));
        Assert.That(lines.Sum(line => line.GetProperty("Rejected").GetInt32()), Is.InRange(1, rejected));
        Assert.That(metrics, Does.Match($@"mnist_problems_total\{{[^}}]*type=""full""[^}}]*\}} {rejected}\s"));
        Assert.That(metrics, Does.Match($@"http_server_request_duration_seconds_count\{{(?=[^}}]*http_response_status_code=""503"")[^}}]*http_route=""mnist/classify""[^}}]*\}} {rejected}\s"));
    }

    /// <summary>No part of a request may appear in the log, the metrics or a problem.</summary>
    [Test]
    public async Task Content_IsInNoLogMetricOrProblem(CancellationToken cancellationToken)
    {
        const int Part = 16;
        const int Rounds = 5;
        const string Verbose = "Verbose";
        var (address, management) = (Address(), Address());
        using var server = ServerProcess.Start(
            address.ToString(), [.. RandomWeights.Arguments, $"--Mnist:ManagementUrl={management}", $"--Serilog:MinimumLevel:Default={Verbose}", $"--Serilog:MinimumLevel:Override:Microsoft.AspNetCore={Verbose}"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        using var client = new HttpClient { BaseAddress = address };
        var random = new Random(1);
        var sent = new List<string>();
        var written = new StringBuilder();
        for (int i = 0; i < Rounds; i++)
        {
            byte[] noise = new byte[random.Next(48, 400)];
            random.NextBytes(noise);
            string text = Convert.ToBase64String(noise);
            string digit = TestDigits.Base64(i);
            sent.AddRange([text, digit, Convert.ToHexString(noise)]);
            string[] bodies = [MnistServer.Body(digit), MnistServer.Body(text), MnistServer.Body(digit, text), MnistServer.Body('*' + text), $"{{\"{text}\":1}}", $"{{\"requests\":{text}", text];
            foreach (string path in (string[])["", "?normalize=true", "?explain=true", $"?probabilities={digit[..4]}"])
            {
                foreach (string body in bodies)
                {
                    using var response = await client.PostAsync(new Uri(MnistServer.Path + path, UriKind.Relative), MnistServer.Json(body), cancellationToken);
                    written.Append(await response.Content.ReadAsStringAsync(cancellationToken));
                }
            }
        }

        written.Append(await client.GetStringAsync(new Uri(management, "metrics"), cancellationToken));
        server.Signal("INT");
        var (_, error) = await server.ExitAsync(cancellationToken);
        string all = written.Append(error).Append(server.Output).ToString();
        Assert.That(server.LogLines(), Has.Count.GreaterThan(Rounds * 4 * 7), "a line per request, and those of the framework");
        Assert.That(all, Does.Contain("invalid-image"));
        string[] parts = [.. sent.SelectMany(text => text.Chunk(Part)).Where(part => part.Length == Part).Select(part => new string(part))];
        Assert.That(all.AsSpan().IndexOfAny(SearchValues.Create(parts, StringComparison.OrdinalIgnoreCase)), Is.Negative);
    }

    private static Uri Address() => new($"http://127.0.0.1:{ServerProcess.FreePort()}");

    private static Process Start(string command, Uri address, params string[] arguments) => Process.Start(new ProcessStartInfo(
        "bash", ["-c", command, typeof(ClassifyController).Assembly.Location, $"--urls={address}", .. RandomWeights.Arguments, .. arguments])
    {
        RedirectStandardOutput = true,
    })!;

    /// <summary>Sends requests that are logged and waits for their answers; repeats the first one until the server listens.</summary>
    private static async Task SendAsync(HttpClient client, Uri address, int requests, CancellationToken cancellationToken)
    {
        for (int i = 0; i < requests;)
        {
            try
            {
                using var content = new StringContent("{}", Encoding.UTF8, "application/json");
                using var response = await client.PostAsync(new Uri(address, MnistServer.Path), content, cancellationToken);
                Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
                i++;
            }
            catch (HttpRequestException) when (i == 0)
            {
                await Task.Delay(50, cancellationToken);
            }
        }
    }
}
