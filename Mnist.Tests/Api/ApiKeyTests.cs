using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mnist.Client;

namespace Mnist.Tests.Api;

/// <summary>A server that wants a key: three are live, one of them with a rate.</summary>
[CancelAfter(60_000)]
public sealed class ApiKeyTests
{
    private const string OldKey = "mnist_old-key-of-the-shop";
    private const string NewKey = "mnist_new-key-of-the-shop";
    private const string SlowKey = "mnist_key-with-a-rate";
    private const int SlowRate = 5;

    private MnistServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = MnistServer.Start(Settings(""));

    [OneTimeTearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [TestCase("Bearer " + OldKey)]
    [TestCase("Bearer " + NewKey)]
    [TestCase("bearer  " + NewKey, Description = "schemes have no case, and spaces may follow them")]
    public async Task LiveKey_IsLetIn(string authorization)
    {
        using var response = await PostAsync(authorization);

        Assert.That(await ProblemAssert.ResponsesAsync(response), Has.Count.EqualTo(1));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Bearer")]
    [TestCase("Basic bW5pc3Q6a2V5")]
    [TestCase(OldKey)]
    public async Task RequestWithoutOneKey_Is401(string? authorization)
    {
        using var response = await PostAsync(authorization is null ? [] : [authorization]);
        var problem = await ProblemAssert.IsProblemAsync(response, 401, "unauthorized");

        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer realm=\"mnist\""));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("Authorization: Bearer KEY"));
    }

    [TestCase("Bearer " + OldKey + "x")]
    [TestCase("Bearer mnist_old-key-of-the-sho")]
    [TestCase($"Bearer {OldKey}, Bearer {NewKey}", Description = "two headers, as a proxy may join them")]
    [TestCase("Bearer MNIST_OLD-KEY-OF-THE-SHOP")]
    [TestCase("Bearer {0}${jndi:x}")]
    public async Task WrongKey_Is401(string authorization)
    {
        using var response = await PostAsync(authorization);
        await ProblemAssert.IsProblemAsync(response, 401, "unauthorized");

        Assert.That(response.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer realm=\"mnist\", error=\"invalid_token\""));
    }

    [Test]
    public async Task HashOfAKey_OpensNothing()
    {
        using var response = await PostAsync($"Bearer {Hash(OldKey)}");

        await ProblemAssert.IsProblemAsync(response, 401, "unauthorized");
    }

    [TestCase("?key=" + OldKey)]
    [TestCase("?access_token=" + OldKey)]
    public async Task KeyInTheQuery_OpensNothing(string query)
    {
        using var response = await _server.PostAsync(MnistServer.Body(TestDigits.Base64()), MnistServer.Path + query);

        await ProblemAssert.IsProblemAsync(response, 401, "unauthorized");
    }

    [TestCase("/mnist/classify")]
    [TestCase("//mnist/classify")]
    [TestCase("/MNIST/Classify/")]
    [TestCase("/mnist/%63lassify")]
    public async Task EverySpellingOfThePath_WantsTheKeyBeforeTheBody(string path)
    {
        await using var stream = await _server.ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"));
        byte[] buffer = new byte[4096];
        int count = await stream.ReadAsync(buffer);

        Assert.That(Encoding.UTF8.GetString(buffer, 0, count), Does.StartWith("HTTP/1.1 401 ").And.Contain("WWW-Authenticate: Bearer"));
    }

    [TestCase("/health/live", 200)]
    [TestCase("/health/ready", 200)]
    [TestCase("/openapi/v1.json", 200)]
    [TestCase("/nothing", 404)]
    [TestCase("/mnist/classify", 405)]
    public async Task WhatIsNoClassification_NeedsNoKey(string path, int status)
    {
        using var response = await _server.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task FirstPage_IsForEverybody()
    {
        using var response = await _server.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.That((int)response.StatusCode, Is.Not.EqualTo(401));
    }

    [Test]
    public async Task Rate_IsTheKeysOwn(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        int answered = 0;
        for (int i = 0; i < 10 * SlowRate; i++)
        {
            using var response = await PostAsync($"Bearer {SlowKey}");
            if ((int)response.StatusCode == 200)
            {
                answered++;
                continue;
            }

            await ProblemAssert.IsProblemAsync(response, 429, "rate-limited");
            Assert.That(response.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        }

        Assert.That(answered, Is.InRange(SlowRate, SlowRate * (2 + (int)clock.Elapsed.TotalSeconds)));
        using (var other = await PostAsync($"Bearer {NewKey}"))
        {
            Assert.That((int)other.StatusCode, Is.EqualTo(200));
        }

        await Task.Delay(1500, cancellationToken);
        using var again = await PostAsync($"Bearer {SlowKey}");
        Assert.That((int)again.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task OpenApiDocument_SaysWhereAKeyIsNeeded()
    {
        var document = JsonDocument.Parse(await _server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;
        var open = JsonDocument.Parse(await SharedServer.Server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative))).RootElement;

        Assert.That(document.GetProperty("components").GetProperty("securitySchemes").GetProperty("key").GetProperty("scheme").GetString(), Is.EqualTo("bearer"));
        Assert.That(Classify(document).GetRawText().Where(char.IsAsciiLetterOrDigit), Is.EqualTo("key"), "needed");
        Assert.That(Classify(open).GetArrayLength(), Is.EqualTo(2), "with or without");
        Assert.That(document.GetProperty("paths").GetProperty("/health/live").GetProperty("get").TryGetProperty("security", out _), Is.False);

        static JsonElement Classify(JsonElement document) => document.GetProperty("paths").GetProperty(MnistServer.Path).GetProperty("post").GetProperty("security");
    }

    [Test]
    public async Task Client_SendsItsKey()
    {
        using var factory = new ClientFactory(_server.Client.BaseAddress!, options => options.ApiKey = NewKey);
        using var stranger = new ClientFactory(_server.Client.BaseAddress!, options => options.MaxRetries = 0);

        Assert.That((await factory.Client.ClassifyAsync(TestDigits.Png())).Class, Is.InRange(0, 9));
        var failure = Assert.ThrowsAsync<MnistClientException>(() => stranger.Client.ClassifyAsync(TestDigits.Png()));
        Assert.That(await failure, Has.Property("ProblemType").EqualTo("urn:mnist:problem:unauthorized"));
    }

    [Test]
    public async Task KeyCommand_MakesAKeyThatOpensAServer_AndOneThatNobodyMadeBefore()
    {
        string[] lines = (await CliRun.InProcessAsync("key")).Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var (key, hash) = (lines[0]["key   ".Length..], lines[1]["hash  ".Length..]);
        await using var server = MnistServer.Start(("Mnist:ApiKeys:0:Name", "made"), ("Mnist:ApiKeys:0:Hash", hash.ToUpperInvariant()));
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("digit.png"), TestDigits.Png());
        string[] classify = ["classify", folder.PathOf("digit.png"), $"--server={server.Client.BaseAddress}"];

        Assert.That(hash, Is.EqualTo(Hash(key)));
        Assert.That(key, Has.Length.EqualTo("mnist_".Length + 43), "256 random bits");
        Assert.That((await CliRun.InProcessAsync("key")).Output, Does.Not.Contain(key));
        Assert.That((await CliRun.InProcessAsync([.. classify, $"--api-key={key}"])).ExitCode, Is.Zero);
        var refused = await CliRun.InProcessAsync([.. classify, $"--api-key={key}x"]);
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Contain("no valid key").And.Not.Contain(key));
        Assert.That((await CliRun.InProcessAsync([.. classify, "--api-key=two words"])).ExitCode, Is.EqualTo(64));
    }

    private static (string Name, string Value)[] Settings(string prefix) =>
    [
        .. new[] { ("shop-2025", OldKey, 0), ("shop-2026", NewKey, 0), ("slow", SlowKey, SlowRate) }.SelectMany((key, i) => new[]
        {
            ($"{prefix}Mnist:ApiKeys:{i}:Name", key.Item1),
            ($"{prefix}Mnist:ApiKeys:{i}:Hash", Hash(key.Item2)),
            ($"{prefix}Mnist:ApiKeys:{i}:RequestsPerSecond", $"{key.Item3}"),
        }),
    ];

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static HttpRequestMessage Request(string[] authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, MnistServer.Path) { Content = MnistServer.Json(MnistServer.Body(TestDigits.Base64())) };
        foreach (string value in authorization)
        {
            request.Headers.TryAddWithoutValidation("Authorization", value);
        }

        return request;
    }

    private async Task<HttpResponseMessage> PostAsync(params string[] authorization)
    {
        using var request = Request(authorization);
        return await _server.Client.SendAsync(request);
    }
}
