using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mnist.Api.Controllers;
using Mnist.Core.Admission;
using Mnist.Core.Imaging.Lines;
using SkiaSharp;

namespace Mnist.Tests.Api;

/// <summary>Every example of the OpenAPI document, as the server really gives it: no text of the document is made up.</summary>
[CancelAfter(120_000)]
public sealed class ContractExampleTests
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private const string Key = "test";
    private const string ReadPath = "/mnist/read";
    private const double Tolerance = 1e-5;

    private static readonly (string, string)[] OneKey =
        [("Mnist:ApiKeys:0:Name", "one"), ("Mnist:ApiKeys:0:Hash", Hash), ("Mnist:ApiKeys:0:RequestsPerSecond", "1")];

    /// <summary>How to get each problem that the document shows.</summary>
    private static readonly Dictionary<string, Func<ContractExampleTests, Task<HttpResponseMessage>>> Causes = new()
    {
        ["Classify 400 invalid-request"] = test => test.ShippedAsync("""{"requests":[{"image":"seven.png"},{"img":"iVBORw0KGgo="}]}"""),
        ["Classify 401 unauthorized"] = test => test.AtAsync(MnistServer.Start(OneKey)),
        ["Classify 408 too-slow"] = test => test.StalledAsync(),
        ["Classify 413 body-too-large"] = test => test.ShippedAsync(new string(' ', 2_000_000)),
        ["Classify 415 unsupported-media-type"] = test => test.ShippedAsync("seven", contentType: "text/plain"),
        ["Classify 422 invalid-image"] = test => test.ShippedAsync(MnistServer.Body("AQID")),
        ["Classify 422 blank-image"] = test => test.PhotoAsync(TestPhotos.Draw()),
        ["Classify 422 low-contrast"] = test => test.PhotoAsync(TestPhotos.Draw(new SKColor(248, 248, 248), new SKRectI(300, 100, 320, 260))),
        ["Classify 422 several-digits"] = test => test.PhotoAsync(TestPhotos.Draw(new SKRectI(300, 100, 320, 260), new SKRectI(400, 100, 420, 260))),
        ["Classify 429 rate-limited"] = async test =>
        {
            var server = MnistServer.Start(OneKey);
            server.Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
            using var first = await server.PostAsync("{}");
            return await test.AtAsync(server);
        },
        ["Classify 500 internal-error"] = test =>
        {
            bool warm = false;
            var server = MnistServer.StartWith((_, _, _) => _ = Volatile.Read(ref warm) ? throw new InvalidOperationException() : 0);
            Volatile.Write(ref warm, true);
            return test.AtAsync(server);
        },
        ["Classify 503 full"] = async test =>
        {
            var server = test.Blocked(("Mnist:MaxImagesPerRequest", "1"), ("Mnist:MaxImagesInFlight", "1"), ("Mnist:Deadline", "00:00:01"));
            var waiting = server.PostAsync(MnistServer.Body(TestDigits.Base64()));
            SpinWait.SpinUntil(() => server.Services.GetRequiredService<AdmissionControl>().InFlight > 0, TimeSpan.FromSeconds(20));
            var refused = await test.AtAsync(server);
            (await waiting).Dispose();
            return refused;
        },
        ["Classify 503 draining"] = test => test.AtAsync(Closed()),
        ["Classify 503 deadline-passed"] = test => test.AtAsync(test.Blocked(("Mnist:Deadline", "00:00:00.100"))),
        ["Read 422 invalid-image"] = test => test.ReadAsync([1, 2, 3]),
        ["Read 422 blank-image"] = test => test.ReadAsync(TestPhotos.Draw()),
        ["Read 422 low-contrast"] = test => test.ReadAsync(TestPhotos.Draw(new SKColor(248, 248, 248), new SKRectI(300, 100, 320, 260))),
        ["Read 422 too-many-digits"] = test => test.ReadAsync(
            TestPhotos.Draw([.. Enumerable.Range(0, DigitLine.MaxDigits + 1).Select(i => SKRectI.Create(20 + (18 * i), 200, 5, 30))])),
        ["Read 422 several-lines"] = test => test.ReadAsync(TestPhotos.Draw(new SKRectI(300, 100, 320, 200), new SKRectI(300, 300, 320, 400))),
        ["Live 503 stuck"] = test => test.StuckAsync("/health/live"),
        ["Ready 503 draining"] = test => test.AtAsync(Closed(), "/health/ready"),
        ["Ready 503 stuck"] = test => test.StuckAsync("/health/ready"),
    };

    private static readonly Dictionary<string, string> Queries = new()
    {
        ["class"] = "",
        ["probabilities"] = "?probabilities=true",
        ["normalize and preview"] = "?normalize=true&preview=true",
        ["reject"] = "?reject=true",
    };

    private readonly ManualResetEventSlim _open = new(true);
    private readonly List<MnistServer> _servers = [];
    private MnistServer _shipped = null!;
    private HttpClient _client = null!;
    private JsonObject _operations = null!;

    private static IEnumerable<string> Problems => Causes.Keys;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _shipped = MnistServer.StartShipped(("environment", "Production"));
        _client = new HttpClient { BaseAddress = _shipped.Client.BaseAddress };

        // A refused body must not be under way: the write into the closed connection would hide the answer.
        _client.DefaultRequestHeaders.ExpectContinue = true;
        var paths = JsonNode.Parse(await _client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!["paths"]!.AsObject();
        _operations = new JsonObject(paths.SelectMany(path => path.Value!.AsObject()).Where(operation => operation.Value!["operationId"] is not null)
            .Select(operation => KeyValuePair.Create((string)operation.Value!["operationId"]!, (JsonNode?)operation.Value.DeepClone())));
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _shipped.DisposeAsync();
        _open.Dispose();
    }

    [TearDown]
    public async Task StopServersAsync()
    {
        _open.Set();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _servers.Clear();
    }

    [TestCaseSource(nameof(Problems))]
    public async Task Problem_IsWhatTheServerAnswers(string name)
    {
        string[] place = name.Split(' ');
        using var response = await Causes[name](this);
        var actual = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        var documented = (Examples(place[0], place[1], "application/problem+json")[place[2]] ?? throw new InvalidDataException($"no example; the server gives {actual}")).AsObject();

        Assert.That((int)response.StatusCode, Is.EqualTo((int)documented["status"]!));
        Assert.That((string)documented["traceId"]!, Does.Match("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$"));
        documented["traceId"] = actual["traceId"]!.DeepClone();
        Assert.That(actual.ToJsonString(), Is.EqualTo(documented.ToJsonString()));
        string type = (string)documented["type"]!;
        Assert.That((string)_operations[place[0]]!["responses"]![place[1]]!["description"]!, Does.Contain(type));
    }

    [Test]
    public void EveryStatusOfEveryOperation_HasAnExample()
    {
        var without = _operations.SelectMany(operation => operation.Value!["responses"]!.AsObject()
            .Where(response => response.Value!["content"]?.AsObject().All(content => content.Value!["examples"] is not null) != true)
            .Select(response => $"{operation.Key} {response.Key}"));

        Assert.That(_operations, Has.Count.GreaterThanOrEqualTo(3));
        Assert.That(without, Is.Empty, "add them to Mnist.Api/OpenApi/examples.json, under the operation and the status");
    }

    [Test]
    public void Document_HasEveryProblemThatTheServerKnows()
    {
        var kind = typeof(ClassifyController).Assembly.GetType("Mnist.Api.Errors.ProblemKind")!;
        var all = ((IEnumerable<object>)kind.GetProperty("All")!.GetValue(null)!).Select(one => (string)kind.GetProperty("Name")!.GetValue(one)!);
        string[] documented = [.. _operations.SelectMany(operation => operation.Value!["responses"]!.AsObject().SelectMany(response =>
            response.Value!["content"]!.AsObject().Where(content => content.Key == "application/problem+json")
                .SelectMany(content => content.Value!["examples"]?.AsObject() ?? []).Select(example => $"{operation.Key} {response.Key} {example.Key}")))];

        // What reading shares with classification is tested there.
        var shared = Causes.Keys.Select(name => name.Replace("Classify", "Read", StringComparison.Ordinal)).Except(Causes.Keys);
        Assert.That(documented.Except(shared), Is.EquivalentTo(Causes.Keys), "every example is tested");
        Assert.That(documented.Select(name => name.Split(' ')[2]).Distinct(), Is.EquivalentTo(all.Except(["not-found", "method-not-allowed"])));
    }

    [Test]
    public async Task Request_GetsEachOfTheAnswers()
    {
        string request = _operations["Classify"]!["requestBody"]!["content"]!["application/json"]!["examples"]!["seven"]!["value"]!.ToJsonString();
        var answers = Examples("Classify", "200", "application/json");

        Assert.That(answers.Select(answer => answer.Key), Is.EquivalentTo(Queries.Keys));
        foreach (var (name, answer) in answers)
        {
            using var response = await ShippedAsync(request, Queries[name]);
            Assert.That((int)response.StatusCode, Is.EqualTo(200), name);
            AssertSame(JsonNode.Parse(await response.Content.ReadAsStringAsync())!, answer!, name);
        }
    }

    [Test]
    public async Task ReadRequest_GetsItsAnswer()
    {
        string request = _operations["Read"]!["requestBody"]!["content"]!["application/json"]!["examples"]!["7210"]!["value"]!.ToJsonString();

        using var response = await ShippedAsync(request, path: ReadPath);

        AssertSame(JsonNode.Parse(await response.Content.ReadAsStringAsync())!, Examples("Read", "200", "application/json")["number"]!, "number");
    }

    [TestCase("Live", "live")]
    [TestCase("Ready", "ready")]
    public async Task HealthCheck_AnswersWhatIsDocumented(string operation, string name) =>
        AssertSame(JsonNode.Parse(await _client.GetStringAsync(new Uri($"/health/{name}", UriKind.Relative)))!, Examples(operation, "200", "application/json")[name]!, name);

    /// <summary>The same but for the last digits of numbers, which depend on whether the CPU has fused multiply-add.</summary>
    private static void AssertSame(JsonNode actual, JsonNode expected, string path)
    {
        switch (expected)
        {
            case JsonObject members:
                Assert.That(actual.AsObject().Select(member => member.Key), Is.EqualTo(members.Select(member => member.Key)), path);
                members.ToList().ForEach(member => AssertSame(actual[member.Key]!, member.Value!, $"{path}.{member.Key}"));
                break;
            case JsonArray items:
                Assert.That(actual.AsArray(), Has.Count.EqualTo(items.Count), path);
                items.Index().ToList().ForEach(item => AssertSame(actual[item.Index]!, item.Item!, $"{path}[{item.Index}]"));
                break;
            case var value when value.GetValueKind() == JsonValueKind.Number:
                Assert.That((double)actual, Is.EqualTo((double)value).Within(Tolerance), path);
                break;
            default:
                Assert.That(actual.ToJsonString(), Is.EqualTo(expected.ToJsonString()), path);
                break;
        }
    }

    private static MnistServer Closed()
    {
        var server = MnistServer.Start();
        server.Services.GetRequiredService<AdmissionControl>().Close();
        return server;
    }

    /// <summary>Examples by name.</summary>
    private JsonObject Examples(string operation, string status, string mediaType) =>
        new(_operations[operation]!["responses"]![status]!["content"]![mediaType]!["examples"]?.AsObject()
            .Select(example => KeyValuePair.Create(example.Key, (JsonNode?)example.Value!["value"]!.DeepClone())) ?? []);

    private Task<HttpResponseMessage> ShippedAsync(string body, string query = "", string contentType = "application/json", string path = MnistServer.Path) =>
        _client.PostAsync(new Uri(path + query, UriKind.Relative), new StringContent(body, null, contentType));

    private Task<HttpResponseMessage> PhotoAsync(byte[] photo) => ShippedAsync(MnistServer.Body(Convert.ToBase64String(photo)), "?normalize=true");

    private Task<HttpResponseMessage> ReadAsync(byte[] photo) => ShippedAsync(MnistServer.Body(Convert.ToBase64String(photo)), path: ReadPath);

    private async Task<HttpResponseMessage> AtAsync(MnistServer server, string? path = null)
    {
        _servers.Add(server);
        return path is null ? await server.PostAsync(MnistServer.Body(TestDigits.Base64())) : await server.Client.GetAsync(new Uri(path, UriKind.Relative));
    }

    /// <summary>A server whose engine waits until the test is over.</summary>
    private MnistServer Blocked(params (string, string)[] settings)
    {
        var server = MnistServer.StartWith((_, _, _) => _open.Wait(), settings);
        _open.Reset();
        return server;
    }

    private async Task<HttpResponseMessage> StuckAsync(string path)
    {
        var server = Blocked(("Mnist:Deadline", "00:00:00.050"), ("Mnist:StallTimeout", "00:00:00.050"));
        for (int tries = 0; ; tries++)
        {
            // On a busy machine its time may be over before a worker takes it.
            using var late = await server.PostAsync(MnistServer.Body(TestDigits.Base64()));
            await Task.Delay(100);
            var answer = await AtAsync(server, path);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable || tries == 50)
            {
                return answer;
            }

            answer.Dispose();
        }
    }

    /// <summary>A body of which no more than its first byte comes.</summary>
    private async Task<HttpResponseMessage> StalledAsync()
    {
        using var connection = new TcpClient(_shipped.Client.BaseAddress!.Host, _shipped.Client.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync("POST /mnist/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"u8.ToArray());
        string[] answer = (await new StreamReader(stream).ReadToEndAsync()).Split("\r\n\r\n");
        return new HttpResponseMessage((HttpStatusCode)int.Parse(answer[0].Split(' ')[1], CultureInfo.InvariantCulture)) { Content = new StringContent(answer[1]) };
    }
}
