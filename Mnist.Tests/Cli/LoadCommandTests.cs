using System.Text.Json;
using Mnist.Cli;

namespace Mnist.Tests.Cli;

[CancelAfter(60_000)]
internal sealed class LoadCommandTests
{
    private const int Digits = 20;

    /// <summary>Requests before the load: each digit with the typed client, and each prepared request once.</summary>
    private const int RequestsBefore = Digits + 100;

    private MnistServer _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = MnistServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await _server.DisposeAsync();

    [Test]
    public async Task Load_ByDefault_RunsClosedThenOpenLoop()
    {
        var run = await LoadAsync("--duration", "0.1");

        string[] lines = run.Output.Split(Environment.NewLine);
        int closed = Array.FindIndex(lines, line => line.StartsWith("Closed loop", StringComparison.Ordinal));
        int open = Array.FindIndex(lines, line => line.StartsWith("Open loop", StringComparison.Ordinal));
        Assert.That(run.Error, Is.Empty);
        Assert.That(lines[0], Does.Match(@"^http://127\.0\.0\.1:\d+/, 1 image per request, \d+ of 20 digits classified correctly$"));
        Assert.That(lines[closed + 1], Does.Match("^ +concurrency +requests/s +mean +p50 +p90 +p95 +p99 +p99.9 +errors +decode +queue +engine$"));
        Assert.That(lines[closed + 2], Does.Match(@"^ +1( +[\d,]+){7} +-( +[\d,]+){3}$"));
        Assert.That(lines[closed + 3], Does.Match("^ +2 "));
        Assert.That(lines[(open + 2)..].Where(line => line.Contains('%')).Select(line => line.Trim().Split(' ')[0]), Is.EqualTo(new[] { "50", "80", "95" }));
        Assert.That(lines[^2], Does.Match(@"^Capacity: [\d,]+ images/s at concurrency \d+$"));
        Assert.That(run.Output, Does.Not.Contain('\u001b'));
    }

    [Test]
    public async Task Load_AsJson_HasConsistentSteps()
    {
        var run = await LoadAsync("--json", "--images", "16", "--concurrency", "1:3:2", "--rate", "20,40", "--arrivals", "constant", "--duration", "0.5");

        JsonElement[] closed = [.. run.Json.GetProperty("closedLoop").EnumerateArray()];
        JsonElement[] open = [.. run.Json.GetProperty("openLoop").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
            Assert.That(run.Json.GetProperty("arrivals").GetString(), Is.EqualTo("constant"));
            Assert.That(closed.Select(step => step.GetProperty("concurrency").GetInt32()), Is.EqualTo(new[] { 1, 3 }));
            Assert.That(open.Select(step => step.GetProperty("requests").GetInt32()), Is.EqualTo(new[] { 10, 20 }), "rate x 0.5 s");
            Assert.That(run.Json.GetProperty("capacity").GetProperty("imagesPerSecond").GetDouble(), Is.EqualTo(closed.Max(step => step.GetProperty("imagesPerSecond").GetDouble())));
            Assert.That(run.Json.TryGetProperty("error", out _), Is.False);
        }

        foreach (var step in closed.Concat(open))
        {
            double[] latency = [.. new[] { "p50", "p90", "p95", "p99", "p999" }.Select(name => step.GetProperty("latencyMicroseconds").GetProperty(name).GetDouble())];
            double server = step.GetProperty("serverMicroseconds").EnumerateObject().Sum(part => part.Value.GetDouble());
            Assert.That(latency, Is.Ordered.And.All.Positive);
            Assert.That(server, Is.Positive.And.LessThan(step.GetProperty("latencyMicroseconds").GetProperty("mean").GetDouble()), "server time is part of the latency");
            Assert.That(step.GetProperty("imagesPerSecond").GetDouble(), Is.EqualTo(16 * step.GetProperty("requestsPerSecond").GetDouble()).Within(1));
        }
    }

    [Test]
    public async Task Load_OwnFiles_AreSentWithKeyAndPath()
    {
        using var folder = new TemporaryFolder();
        await using var server = new ScriptedServer(EchoAsync);

        var run = await CliRun.InProcessAsync(
            "load", folder.Write("3_a.png", [3]), folder.Write("7_b.png", [4]), folder.Write("c.png", [5]),
            "--images", "2", "--server", server.Address + "base", "--api-key", "mnist_secret", "--concurrency", "1", "--duration", "0.1");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("2 images per request, 1 of 2 digits classified correctly"));
        Assert.That(server.Requests.Select(request => request.RequestLine.Split('?', ' ')[1]).Distinct(), Is.EqualTo(new[] { "/base/mnist/classify" }));
        Assert.That(server.Requests.Select(request => request.Headers["Authorization"]).Distinct(), Is.EqualTo(new[] { "Bearer mnist_secret" }));
        Assert.That(server.Requests.Skip(2).Take(3).Select(request => request.Images().Select(image => image[0])), Is.EqualTo(new[] { new[] { 3, 4 }, [5, 3], [4, 5] }));
    }

    [Test]
    public async Task Load_WrongResponses_AreCountedAndExit1()
    {
        await using var server = new ScriptedServer((request, reply) =>
            request.Number < RequestsBefore ? EchoAsync(request, reply) : reply.JsonAsync(200, ScriptedReply.Responses([request.Number % 10], probabilities: true)));

        var run = await CliRun.InProcessAsync("load", "--server", server.Address.ToString(), "--concurrency", "1", "--duration", "0.1");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((1, "")));
        Assert.That(run.Output, Does.Match(@"\n +[\d,]+ wrong responses").And.Match(@"\n +first: request \d+ got 200 '\{.+\}', expected '\{.+\}'"));
    }

    [Test]
    public async Task Load_InconsistentResponses_Exit2()
    {
        await using var server = new ScriptedServer((request, reply) =>
            request.Number < Digits ? EchoAsync(request, reply) : reply.JsonAsync(200, ScriptedReply.Responses([1, 2], probabilities: true)));

        var run = await CliRun.InProcessAsync("load", "--server", server.Address.ToString(), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines.Single(), Does.Contain("found 2 responses, expected 1"));
        Assert.That(run.Json.GetProperty("error").GetString(), Does.Contain("found 2 responses, expected 1"));
    }

    [TestCase("--concurrency", "1", 1)]
    [TestCase("--rate", "50", 0, Description = "an open loop may exceed the capacity")]
    public async Task Load_Rejections_AreFailuresOnlyInAClosedLoop(string option, string value, int exitCode)
    {
        await using var server = new ScriptedServer((request, reply) =>
            request.Number < RequestsBefore || request.Number % 2 == 0 ? EchoAsync(request, reply) : reply.JsonAsync(503, "{}"));

        var run = await CliRun.InProcessAsync("load", "--server", server.Address.ToString(), option, value, "--duration", "0.3");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((exitCode, "")));
        Assert.That(run.Output, Does.Match(@"\n +[\d,]+ x 503"));
    }

    [Test]
    public async Task Load_NoServer_Exits2()
    {
        var run = await CliRun.InProcessAsync("load", "--server", ScriptedServer.ClosedAddress().ToString());

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.ErrorLines.Single(), Does.Contain("could not be reached"));
    }

    [Test]
    public async Task Load_Interrupted_PrintsTheCompletedSteps()
    {
        using var interrupt = new CancellationTokenSource();
        await using var output = new InterruptingWriter("errors", interrupt);
        await using var error = new StringWriter();

        int exitCode = await CommandLine.RunAsync(
            ["load", "--server", _server.Client.BaseAddress!.ToString(), "--concurrency", "1,2,3", "--duration", "0.1"], output, error, interrupt.Token);

        Assert.That((exitCode, error.ToString().Trim()), Is.EqualTo((130, "mnist: interrupted.")));
        Assert.That(output.ToString(), Does.Match(@"\n +1 .+\r?\n\r?\nCapacity: [\d,]+ images/s at concurrency 1").And.Not.Match(@"\n +2 "));
    }

    private static Task EchoAsync(ScriptedRequest request, ScriptedReply reply) =>
        reply.JsonAsync(200, ScriptedReply.Responses(request.Images().Select(image => image[0] % 10), probabilities: true));

    private Task<CliRun> LoadAsync(params string[] arguments) => CliRun.InProcessAsync(["load", "--server", _server.Client.BaseAddress!.ToString(), .. arguments]);

    /// <summary>Cancels, like Ctrl+C, when a certain text is written.</summary>
    private sealed class InterruptingWriter(string text, CancellationTokenSource interrupt) : StringWriter
    {
        public override void Write(string? value)
        {
            base.Write(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true)
            {
                interrupt.Cancel();
            }
        }
    }
}
