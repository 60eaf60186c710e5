using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Kernels;

namespace Mnist.SystemTests.Server;

/// <summary>A server with a management port, as a process, because metrics are those of a process.</summary>
[CancelAfter(120_000)]
public sealed partial class ManagementTests
{
    /// <summary>The name of mnist_problems_total in earlier versions: exposed and documented, but not shown.</summary>
    private const string FormerName = "mnist_rejections_total";

    private readonly Uri _address = new($"http://127.0.0.1:{ServerProcess.FreePort()}");
    private readonly Uri _management = new($"http://127.0.0.1:{ServerProcess.FreePort()}");
    private TemporaryFolder _folder = null!;
    private ServerProcess _server = null!;
    private HttpClient _client = null!;
    private HttpClient _operator = null!;

    private string WeightsPath => _folder.PathOf("weights.safetensors");

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        File.Copy(RandomWeights.Path, WeightsPath);
        _server = ServerProcess.Start(_address.ToString(), "--Mnist:MaxSelfTestErrors=20", $"--Mnist:WeightsPath={WeightsPath}", $"--Mnist:ManagementUrl={_management}");
        _client = new HttpClient { BaseAddress = _address };
        _operator = new HttpClient { BaseAddress = _management };
        await _server.WaitUntilReadyAsync(_address, TestContext.CurrentContext.CancellationToken);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _operator.Dispose();
        _client.Dispose();
        _server.Dispose();
        _folder.Dispose();
    }

    [TearDown]
    public async Task RestoreAsync()
    {
        File.Copy(RandomWeights.Path, WeightsPath, overwrite: true);
        using var restored = await ReloadAsync();
        Assert.That((int)restored.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task Metrics_AfterRequests_CountThem(CancellationToken cancellationToken)
    {
        var before = await MetricsAsync(cancellationToken);
        using (var answered = await PostAsync(MnistServer.Body(Enumerable.Range(0, 5).Select(TestDigits.Base64)), cancellationToken))
        using (var normalized = await PostAsync(MnistServer.Body(Convert.ToBase64String(TestPhotos.Stroke)), cancellationToken, "?normalize=true"))
        using (var invalid = await PostAsync("{}", cancellationToken))
        using (var blank = await PostAsync(MnistServer.Body(Convert.ToBase64String(TestPhotos.Draw())), cancellationToken, "?normalize=true"))
        {
            Assert.That((int)answered.StatusCode, Is.EqualTo(200));
            Assert.That((int)normalized.StatusCode, Is.EqualTo(200));
            Assert.That((int)invalid.StatusCode, Is.EqualTo(400));
            Assert.That((int)blank.StatusCode, Is.EqualTo(422));
        }

        // The exporter caches its answer for a moment.
        await Task.Delay(1000, cancellationToken);
        var after = await MetricsAsync(cancellationToken);

        Assert.That(Grown("mnist_predictions_total"), Is.EqualTo(6));
        Assert.That(Grown("mnist_problems_total", "type=\"invalid-request\""), Is.EqualTo(1));
        Assert.That(Grown("mnist_problems_total", "type=\"blank-image\""), Is.EqualTo(1));
        Assert.That(Grown("mnist_problems_total"), Is.EqualTo(2));
        Assert.That(Grown(FormerName, "reason=\"blank-image\""), Is.EqualTo(1));
        Assert.That(Grown("mnist_decode_duration_seconds_count", "normalized=\"false\""), Is.EqualTo(1));
        Assert.That(Grown("mnist_decode_duration_seconds_count", "normalized=\"true\""), Is.EqualTo(1));
        Assert.That(Grown("mnist_queue_duration_seconds_count"), Is.EqualTo(2));
        Assert.That(Grown("mnist_inference_duration_seconds_sum"), Is.Positive);
        Assert.That(Grown("mnist_batch_size_sum"), Is.EqualTo(6));
        Assert.That(Grown("http_server_request_duration_seconds_count", "http_route=\"mnist/classify\""), Is.EqualTo(4));
        Assert.That(Sum(after, "mnist_images_in_flight") + Sum(after, "mnist_queue_depth") + Sum(after, "mnist_workers_stuck") + Sum(after, "mnist_log_dropped_total"), Is.Zero);
        Assert.That(Sum(after, "mnist_model_info", $"version=\"{Version(RandomWeights.Path)}\""), Is.EqualTo(1));
        foreach (string histogram in (string[])["http_server_request", "mnist_decode", "mnist_queue", "mnist_inference"])
        {
            Assert.That(after.Keys, Has.Some.Match($"^{histogram}_duration_seconds_bucket.*le=\"1E-05\""), "buckets of microseconds");
        }

        double Grown(string name, string label = "") => Sum(after, name, label) - Sum(before, name, label);
    }

    [Test]
    public async Task DashboardAndAlerts_UseOnlyExposedMetrics(CancellationToken cancellationToken)
    {
        using (var answered = await PostAsync(MnistServer.Body(TestDigits.Base64()), cancellationToken))
        {
            Assert.That((int)answered.StatusCode, Is.EqualTo(200));
        }

        await Task.Delay(1000, cancellationToken);
        var series = (await MetricsAsync(cancellationToken)).Keys;
        string[] exposed = [.. series.Select(name => name.Split('{')[0]).Distinct()];
        string[] labels = [.. series.SelectMany(name => Label().Matches(name).Select(match => match.Groups[1].Value)).Distinct(), "instance"];
        string dashboard = await File.ReadAllTextAsync(Repository.PathOf("deploy", "grafana-dashboard.json"), cancellationToken);
        string[] expressions =
        [
            .. JsonDocument.Parse(dashboard).RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!),
            await File.ReadAllTextAsync(Repository.PathOf("deploy", "prometheus-alerts.yml"), cancellationToken),
        ];
        string[] named = [.. expressions.SelectMany(text => Metric().Matches(text)).Select(match => match.Value).Distinct()];

        string document = await File.ReadAllTextAsync(Repository.PathOf("docs", "operations.md"), cancellationToken);

        Assert.That(named, Has.Length.GreaterThan(15));
        Assert.That(exposed.Where(name => name.StartsWith("mnist_", StringComparison.Ordinal)).Select(WithoutPart).Where(name => !document.Contains(name, StringComparison.Ordinal)), Is.Empty);
        Assert.That(named.Except(exposed), Is.Empty);
        Assert.That(exposed.Where(name => name.StartsWith("mnist_", StringComparison.Ordinal)).Select(WithoutPart).Except([.. named.Select(WithoutPart), FormerName]), Is.Empty, "the dashboard shows every metric of the service");
        Assert.That(expressions.SelectMany(text => Matcher().Matches(text)).Select(match => match.Groups[1].Value).Except(labels), Is.Empty);
    }

    [Test]
    public async Task Reload_UnderLoad_AnswersEachRequestByOneModel(CancellationToken cancellationToken)
    {
        string[] files = [RandomWeights.Path, RandomWeights.OtherNumbers];
        var expected = files.ToDictionary(Version, file => Enumerable.Range(0, 64).Select(i => Probability(file, i)).ToArray());
        string body = MnistServer.Body(Enumerable.Range(0, 64).Select(TestDigits.Base64));
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        bool done = false;
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                using var response = await PostAsync(body, cancellationToken);
                var answers = await ProblemAssert.ResponsesAsync(response);
                string version = response.Headers.GetValues("Mnist-Model-Version").Single();
                seen.AddOrUpdate(version, 1, (_, count) => count + 1);
                Assert.That(answers.Select(answer => answer.GetProperty("probability").GetSingle()), Is.EqualTo(expected[version]));
            }
        }, cancellationToken)).ToList();
        for (int i = 1; i <= 20; i++)
        {
            File.Copy(files[i % 2], WeightsPath, overwrite: true);
            using var response = await ReloadAsync();
            var reload = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            Assert.That(reload.GetProperty("modelVersion").GetString(), Is.EqualTo(Version(files[i % 2])));
            Assert.That(reload.GetProperty("previous").GetString(), Is.EqualTo(Version(files[(i + 1) % 2])));
            await Task.Delay(50, cancellationToken);
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(load);
        Assert.That(seen.Keys, Is.EquivalentTo(expected.Keys));
    }

    [Test]
    public async Task Reload_OfAnUnusableFile_KeepsTheModel(CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(WeightsPath, (await File.ReadAllBytesAsync(RandomWeights.OtherNumbers, cancellationToken))[..^1], cancellationToken);
        using var failed = await ReloadAsync();
        var problem = await ProblemAssert.IsProblemAsync(failed, 409, "reload-failed");

        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(WeightsPath).And.EndWith("The previous version stays in use."));
        Assert.That(await ReadyVersionAsync(cancellationToken), Is.EqualTo(Version(RandomWeights.Path)));
        using var answered = await PostAsync(MnistServer.Body(TestDigits.Base64()), cancellationToken);
        Assert.That(answered.Headers.GetValues("Mnist-Model-Version").Single(), Is.EqualTo(Version(RandomWeights.Path)));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "needs SIGHUP")]
    public async Task HangUp_WithNewWeights_ReloadsThem(CancellationToken cancellationToken)
    {
        File.Copy(RandomWeights.OtherNumbers, WeightsPath, overwrite: true);
        _server.Signal("HUP");

        while (await ReadyVersionAsync(cancellationToken) != Version(RandomWeights.OtherNumbers))
        {
            await Task.Delay(20, cancellationToken);
        }

        await Task.Delay(1000, cancellationToken);
        var metrics = await MetricsAsync(cancellationToken);
        Assert.That(metrics.Keys.Where(name => name.StartsWith("mnist_model_info", StringComparison.Ordinal)).Single(), Does.Contain(Version(RandomWeights.OtherNumbers)));
    }

    [Test]
    public async Task Reload_RequestedByAWebPage_IsRejected()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/reload");
        request.Headers.Add("Origin", "https://example.org");
        using var response = await _operator.SendAsync(request);

        await ProblemAssert.IsProblemAsync(response, 403, "cross-origin");
    }

    [TestCase("GET", "/admin/reload", 405)]
    [TestCase("POST", MnistServer.Path, 404)]
    [TestCase("GET", "/health/ready", 404)]
    public async Task ManagementPort_OtherPaths_AreRejected(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _operator.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        Assert.That(response.Headers.Contains("Server"), Is.False);
    }

    [Test]
    public async Task Metrics_InABrowser_HaveAStrictPolicy()
    {
        using var response = await _operator.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; ").And.Contain("frame-ancestors 'none'"));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        Assert.That(response.Headers.GetValues("Cross-Origin-Resource-Policy").Single(), Is.EqualTo("same-origin"));
    }

    private static string Version(string file) => Network.Load(file).Sha256[..12];

    private static float Probability(string file, int seed)
    {
        var network = Network.Load(file);
        float[] image = new float[DigitImage.PixelCount];
        float[] scores = new float[10];
        InputScale.ToFloat(TestDigits.Pixels(seed), image);
        network.Forward(image, 1, network.CreateWorkspace(1), scores);
        Softmax.Rows(scores, 10, scores);
        return scores.Max();
    }

    private static double Sum(Dictionary<string, double> metrics, string name, string label = "") =>
        metrics.Where(metric => metric.Key.StartsWith(name + "{", StringComparison.Ordinal) && metric.Key.Contains(label, StringComparison.Ordinal)).Sum(metric => metric.Value);

    private static string WithoutPart(string metric) => HistogramPart().Replace(metric, string.Empty);

    private Task<HttpResponseMessage> PostAsync(string body, CancellationToken cancellationToken, string query = "") =>
        _client.PostAsync(new Uri(MnistServer.Path + query, UriKind.Relative), MnistServer.Json(body), cancellationToken);

    private Task<HttpResponseMessage> ReloadAsync() => _operator.PostAsync(new Uri("/admin/reload", UriKind.Relative), null);

    private async Task<string?> ReadyVersionAsync(CancellationToken cancellationToken) =>
        (await _client.GetFromJsonAsync<JsonElement>(new Uri("/health/ready", UriKind.Relative), cancellationToken)).GetProperty("modelVersion").GetString();

    private async Task<Dictionary<string, double>> MetricsAsync(CancellationToken cancellationToken)
    {
        string text = await _operator.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => (Line: line, Space: line.LastIndexOf("} ", StringComparison.Ordinal) + 1))
            .ToDictionary(one => one.Line[..one.Space], one => double.Parse(one.Line[one.Space..].Trim().Split(' ')[0], CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"\b(mnist|http_server|kestrel|dotnet|process|aspnetcore)_\w+\b(?!\s*=)")]
    private static partial Regex Metric();

    [GeneratedRegex("(_sum|_count|_bucket)$")]
    private static partial Regex HistogramPart();

    [GeneratedRegex("[{,](\\w+)=\"")]
    private static partial Regex Label();

    [GeneratedRegex("[{,](\\w+)=~?\"")]
    private static partial Regex Matcher();
}
