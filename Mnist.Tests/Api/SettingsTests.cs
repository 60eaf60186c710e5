using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Mnist.Api.Controllers;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Tests.Api;

/// <summary>The limits of the HTTP server and the headers of its answers, as docs/operations.md promises them.</summary>
public sealed class SettingsTests
{
    private static readonly string[] ForBrowsers =
        ["Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"];

    [Test]
    public void HttpServer_HasTheDocumentedLimits()
    {
        var kestrel = SharedServer.Server.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        var limits = kestrel.Limits;

        Assert.That(kestrel.AddServerHeader, Is.False);
        Assert.That(limits.MaxRequestBodySize, Is.EqualTo(RequestKind.Photos.MaxBodyBytes(new MnistOptions())), "what is rejected unread is drained from the connection");
        Assert.That(limits.MaxRequestBufferSize, Is.EqualTo(64 * 1024));
        Assert.That(limits.MaxRequestLineSize, Is.EqualTo(2 * 1024));
        Assert.That(limits.MaxRequestHeadersTotalSize, Is.EqualTo(8 * 1024));
        Assert.That(limits.MaxRequestHeaderCount, Is.EqualTo(50));
        Assert.That(limits.MinRequestBodyDataRate!.BytesPerSecond, Is.EqualTo(1024));
        Assert.That(limits.MinRequestBodyDataRate.GracePeriod, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(limits.MinResponseDataRate!.BytesPerSecond, Is.EqualTo(240));
        Assert.That(limits.RequestHeadersTimeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(limits.KeepAliveTimeout, Is.EqualTo(TimeSpan.FromSeconds(75)));
        Assert.That(limits.Http2.MaxStreamsPerConnection, Is.EqualTo(32));
        Assert.That(limits.Http2.MaxRequestHeaderFieldSize, Is.EqualTo(2 * 1024));
    }

    [Test]
    public void Process_StopsWithinTheTimeThatOrchestratorsGrant()
    {
        var stop = SharedServer.Server.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        Assert.That(stop + new MnistOptions().DrainDelay, Is.LessThan(TimeSpan.FromSeconds(30)));
        Assert.That(AppContext.TryGetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", out bool strict) && strict);
    }

    [Test]
    public void Process_CollectsForAWorkstation_AfterFewMegabytes()
    {
        string settings = File.ReadAllText(Path.ChangeExtension(typeof(HealthController).Assembly.Location, ".runtimeconfig.json"));
        var properties = JsonDocument.Parse(settings).RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.That(properties.GetProperty("System.GC.Server").GetBoolean(), Is.False);
        Assert.That(properties.GetProperty("System.GC.Gen0MaxBudget").GetInt32(), Is.LessThanOrEqualTo(16 << 20), "the default is the size of the last cache");
    }

    [TestCase("GET", "/health/live")]
    [TestCase("GET", "/health/ready")]
    [TestCase("GET", "/openapi/v1.json")]
    [TestCase("GET", "/nothing")]
    [TestCase("GET", MnistServer.Path)]
    [TestCase("HEAD", "/health/live")]
    public async Task Answer_ThatABrowserCanOpen_TrustsNothing(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await SharedServer.Server.Client.SendAsync(request);

        AssertCommonHeaders(response);
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'; ").And.Contain("frame-ancestors 'none'"));
        Assert.That(response.Headers.GetValues("Referrer-Policy").Single(), Is.EqualTo("no-referrer"));
        Assert.That(response.Headers.GetValues("Cross-Origin-Opener-Policy").Single(), Is.EqualTo("same-origin"));
        Assert.That(response.Headers.GetValues("Cross-Origin-Resource-Policy").Single(), Is.EqualTo("same-origin"));
    }

    [TestCase("{}", "application/json", 400)]
    [TestCase("", "text/plain", 415)]
    [TestCase("{\"requests\":[{\"image\":\"AQID\"}]}", "application/json", 422)]
    public async Task Answer_ToAPost_IsNeitherStoredNorGuessedAt(string body, string contentType, int status)
    {
        using var content = new StringContent(body, null, contentType);
        using var response = await SharedServer.Server.Client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), content);

        Assert.That((int)response.StatusCode, Is.EqualTo(status));
        AssertCommonHeaders(response);
        Assert.That(ForBrowsers.Where(response.Headers.Contains), Is.Empty, "bytes that only a browser reads");
    }

    [Test]
    public async Task CrossOriginRequests_GetNoPermission()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, MnistServer.Path);
        preflight.Headers.Add("Origin", "https://example.org");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        using var response = await SharedServer.Server.Client.SendAsync(preflight);

        Assert.That((int)response.StatusCode, Is.EqualTo(405));
        Assert.That(response.Headers.Select(header => header.Key).Where(name => name.StartsWith("Access-Control", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("/metrics")]
    [TestCase("/admin/reload")]
    public async Task OperatorsPaths_DoNotExistOnThePublicPort(string path)
    {
        using var get = await SharedServer.Server.Client.GetAsync(new Uri(path, UriKind.Relative));
        using var post = await SharedServer.Server.PostAsync("", path);

        Assert.That((int)get.StatusCode, Is.EqualTo(404));
        Assert.That((int)post.StatusCode, Is.EqualTo(404));
    }

    private static void AssertCommonHeaders(HttpResponseMessage response)
    {
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        Assert.That(response.Headers.CacheControl!.NoStore);
        Assert.That(response.Headers.Contains("Server"), Is.False);
        Assert.That(response.Headers.Select(header => header.Key).Where(name => name.StartsWith("Access-Control", StringComparison.Ordinal)), Is.Empty);
    }
}
