using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mnist.Core.Settings;

namespace Mnist.SystemTests.Server;

/// <summary>Start, failure to start, and stop of the process.</summary>
[CancelAfter(60_000)]
public sealed class ProcessTests
{
    private const int ConfigurationExitCode = 78;

    private const int AddressExitCode = 69;

    private static IEnumerable<TestCaseData<Func<string, string>, string>> UnusableWeights()
    {
        yield return Weights(folder => Path.Combine(folder, "none.safetensors"), "none.safetensors", "missing");
        yield return Weights(folder => Write(folder, "empty.safetensors", []), "empty.safetensors", "empty");
        yield return Weights(folder => Write(folder, "short.safetensors", File.ReadAllBytes(RandomWeights.Path)[..^5]), "short.safetensors", "truncated");
        yield return Weights(folder => Write(folder, "noise.safetensors", TestDigits.Pixels(3)), "noise.safetensors", "corrupt");
        yield return Weights(folder => folder, "mnist-test", "a folder");
        yield return Weights(_ => RandomWeights.Other(side: 32, classCount: 10), "reads 32x32x1 images, expected 28x28x1", "wrong input");
        yield return Weights(_ => RandomWeights.Other(side: 28, classCount: 26), "tells 26 classes apart, expected 10", "wrong classes");
    }

    [TestCaseSource(nameof(UnusableWeights))]
    public async Task Start_WithUnusableWeights_FailsWithOneLine(Func<string, string> makeFile, string reason, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        await AssertFailsAsync(ConfigurationExitCode, reason, [$"--Mnist:WeightsPath={makeFile(folder.Path)}"], cancellationToken);
    }

    [TestCase("--Mnist:MaxImagesPerRequest=0", "Mnist:MaxImagesPerRequest")]
    [TestCase("--Mnist:MaxImagesInFlight=10", "Mnist:MaxImagesInFlight")]
    [TestCase("--Mnist:Workers=many", "Mnist:Workers")]
    [TestCase("--Mnist:Deadline=00:00:00", "Mnist:Deadline")]
    [TestCase("--Mnist:MaxImagesPerReqest=8", "MaxImagesPerReqest")]
    [TestCase("--Mnist:DrainDelay=-00:00:01", "Mnist:DrainDelay")]
    [TestCase("--Mnist:StallTimeout=0", "Mnist:StallTimeout")]
    [TestCase("--Mnist:MaxSelfTestErrors=21", "Mnist:MaxSelfTestErrors")]
    [TestCase("--Mnist:MaxSelfTestErrors=2", "of the 20 digits of the self-test, expected at most 2")]
    [TestCase("--Mnist:ManagementUrl=8001", "Mnist:ManagementUrl")]
    [TestCase("--Mnist:ApiKeys:0:Name=shop", "Mnist:ApiKeys[0]: 'Hash' must be the SHA-256 of a key, 64 hexadecimal digits; 'mnist key' makes both. Found: the key 'shop'")]
    [TestCase("--Mnist:ApiKeys:0:Key=x", "'Key'")]
    [TestCase("--urls=http://127.0.0.1:99999", "99999")]
    [TestCase("--urls=nonsense", "nonsense")]
    public async Task Start_WithAnInvalidSetting_FailsWithOneLine(string setting, string reason, CancellationToken cancellationToken) =>
        await AssertFailsAsync(ConfigurationExitCode, reason, [.. RandomWeights.Arguments, setting], cancellationToken);

    [Test]
    public void Start_WithAKeyInsteadOfItsHash_DoesNotShowIt()
    {
        const string Key = "mnist_secret-key";
        var options = new MnistOptions { ApiKeys = [new ApiKeySetting { Name = "shop", Hash = Key }, new ApiKeySetting { Name = Key + '!', Hash = Key }] };
        var failures = new MnistOptionsValidator().Validate(options).Errors;

        Assert.That(failures, Has.Count.GreaterThan(2));
        Assert.That(failures.Select(failure => $"{failure.ErrorMessage} {failure.AttemptedValue}"), Has.None.Contains("secret"));
    }

    [Test]
    public async Task Start_WithAPortInUse_FailsWithOneLine(CancellationToken cancellationToken)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        await AssertFailsAsync(AddressExitCode, url, [.. RandomWeights.Arguments, $"--urls={url}"], cancellationToken);
    }

    [Test]
    public async Task Start_WithAForeignAddress_FailsWithOneLine(CancellationToken cancellationToken) =>
        await AssertFailsAsync(AddressExitCode, "http://192.0.2.1:8080", [.. RandomWeights.Arguments, "--urls=http://192.0.2.1:8080"], cancellationToken);

    [Test]
    public async Task Start_WithARelativeWeightsPath_UsesTheCurrentFolder(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        string path = Path.GetRelativePath(Environment.CurrentDirectory, RandomWeights.Path);
        using var server = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments, $"--Mnist:WeightsPath={path}"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "needs SIGTERM")]
    public async Task Terminate_UnderLoad_AnswersAcceptedRequestsAndExitsWithZero(CancellationToken cancellationToken)
    {
        string url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        using var server = ServerProcess.Start(url, [.. RandomWeights.Arguments, "--Mnist:DrainDelay=00:00:01"]);
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        await server.WaitUntilReadyAsync(client.BaseAddress, cancellationToken);

        const string Canary = "Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5";
        using (var unknown = await client.PostAsync(new Uri("/mnist/classify%0Aforged", UriKind.Relative), MnistServer.Json(MnistServer.Body(Canary)), cancellationToken))
        using (var unreadable = await client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), MnistServer.Json(MnistServer.Body(Canary)), cancellationToken))
        {
            Assert.That((int)unreadable.StatusCode, Is.EqualTo(422));
        }

        string body = MnistServer.Body(Enumerable.Range(0, 64).Select(TestDigits.Base64));
        int answered = 0;
        var load = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (await SendAsync(client, body, cancellationToken) is { } response)
            {
                // An answer that has begun must be complete.
                using (response)
                {
                    Assert.That(await ProblemAssert.ResponsesAsync(response), Has.Count.EqualTo(64));
                    Interlocked.Increment(ref answered);
                }
            }
        }).ToList();
        await Task.Delay(500, cancellationToken);
        server.Signal("TERM");
        await Task.WhenAll(load);
        var (exitCode, error) = await server.ExitAsync(cancellationToken);
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(error, Is.Empty);
        Assert.That(answered, Is.Positive);
        var lines = server.LogLines();
        Assert.That(lines.Select(line => line.GetProperty("@m").GetString()), Has.Some.EqualTo($"Listening on [\"{url}\"]"));
        Assert.That(lines.Where(line => line.TryGetProperty("StatusCode", out _)).Select(line => line.GetProperty("@tr").GetString()), Is.All.Length.EqualTo(32));
        Assert.That(server.Output, Does.Contain("responded 422").And.Contain("responded 404"));
        Assert.That(server.Output, Does.Not.Contain(Canary[..8]).And.Not.Contain("\nforged"));
        Assert.That(server.Output, Does.Not.Contain("Exception"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "needs SIGTERM")]
    public async Task Terminate_DuringTheDrainDelay_IsNotReadyAndStillAnswers(CancellationToken cancellationToken)
    {
        string url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        using var server = ServerProcess.Start(url, [.. RandomWeights.Arguments, "--Mnist:DrainDelay=00:00:03"]);
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        await server.WaitUntilReadyAsync(client.BaseAddress, cancellationToken);

        var clock = Stopwatch.StartNew();
        server.Signal("TERM");
        while (clock.Elapsed < TimeSpan.FromSeconds(2))
        {
            using var answer = await client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), MnistServer.Json(MnistServer.Body(TestDigits.Base64())), cancellationToken);
            Assert.That(await ProblemAssert.ResponsesAsync(answer), Has.Count.EqualTo(1));
            if (clock.Elapsed > TimeSpan.FromSeconds(1))
            {
                using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
                await ProblemAssert.IsProblemAsync(ready, 503, "draining");
                Assert.That(answer.Headers.ConnectionClose, Is.True);
                server.Signal("TERM");
            }
        }

        var (exitCode, error) = await server.ExitAsync(cancellationToken);
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(server.Output, Does.Contain("Draining for 00:00:03").And.Not.Contain("rejected"));
        Assert.That(server.LogLines().Count(line => line.GetProperty("@m").GetString()!.StartsWith("Draining", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "needs SIGINT")]
    public async Task Interrupt_StopsWithoutDelay(CancellationToken cancellationToken)
    {
        string url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        using var server = ServerProcess.Start(url, [.. RandomWeights.Arguments, "--Mnist:DrainDelay=00:01:00"]);
        await server.WaitUntilReadyAsync(new Uri(url), cancellationToken);
        server.Signal("INT");

        Assert.That((await server.ExitAsync(cancellationToken)).ExitCode, Is.Zero);
    }

    /// <summary>Null when the server accepts no more requests.</summary>
    private static async Task<HttpResponseMessage?> SendAsync(HttpClient client, string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MnistServer.Path) { Content = MnistServer.Json(body) };
        try
        {
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode == HttpStatusCode.ServiceUnavailable ? null : response;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task AssertFailsAsync(int expectedExitCode, string reason, string[] settings, CancellationToken cancellationToken)
    {
        int port = ServerProcess.FreePort();
        var clock = Stopwatch.StartNew();
        using var server = ServerProcess.Start($"http://127.0.0.1:{port}", settings);
        var (exitCode, error) = await server.ExitAsync(cancellationToken);

        Assert.That(exitCode, Is.EqualTo(expectedExitCode), error);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)), "2 s on an idle machine");
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        Assert.That(error, Does.StartWith("Mnist.Api cannot start: ").And.Contain(reason));
        Assert.That(server.Output.Trim(), Is.Empty);
    }

    private static string Write(string folder, string name, byte[] content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static TestCaseData<Func<string, string>, string> Weights(Func<string, string> makeFile, string reason, string name) =>
        new TestCaseData<Func<string, string>, string>(makeFile, reason).SetArgDisplayNames(name);
}
