using System.Security.Cryptography;
using System.Text;

namespace Mnist.SystemTests.Server;

/// <summary>What the log and the metrics say about API keys.</summary>
[CancelAfter(60_000)]
public sealed class ApiKeyLogTests
{
    private const string Key = "mnist_old-key-of-the-shop";
    private const string WrongKey = "mnist_wrong";

    [Test]
    public async Task LogAndMetrics_OfValidAndWrongKey_NameTheKeyAndNeverShowIt(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var management = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)));
        using var process = ServerProcess.Start(address.ToString(), [
            .. RandomWeights.Arguments, "--Mnist:ApiKeys:0:Name=shop-2025", $"--Mnist:ApiKeys:0:Hash={hash}", $"--Mnist:ManagementUrl={management}", "--Serilog:MinimumLevel:Default=Verbose"]);
        await process.WaitUntilReadyAsync(address, cancellationToken);
        using var client = new HttpClient { BaseAddress = address };
        foreach (string key in (string[])[Key, WrongKey])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, MnistServer.Path) { Content = MnistServer.Json(MnistServer.Body(TestDigits.Base64())) };
            request.Headers.Authorization = new("Bearer", key);
            using var response = await client.SendAsync(request, cancellationToken);
        }

        string metrics = await client.GetStringAsync(new Uri(management, "/metrics"), cancellationToken);
        process.Signal("INT");
        await process.ExitAsync(cancellationToken);

        Assert.That(metrics, Does.Match("http_server_request_duration_seconds_count\\{[^}]*http_response_status_code=\"200\"[^}]*key=\"shop-2025\"[^}]*\\} 1"));
        Assert.That(metrics, Does.Match("mnist_problems_total\\{[^}]*type=\"unauthorized\"[^}]*\\} 1"));
        Assert.That(process.LogLines().Count(line => line.TryGetProperty("ApiKey", out var name) && name.GetString() == "shop-2025"), Is.EqualTo(1));
        foreach (string secret in (string[])[Key, WrongKey, hash, hash.ToUpperInvariant()])
        {
            Assert.That(process.Output, Does.Not.Contain(secret));
            Assert.That(metrics, Does.Not.Contain(secret));
        }
    }
}
