using System.Net;
using System.Text;

namespace Mnist.SystemTests.Server;

/// <summary>What a collector of OpenTelemetry receives when the standard variables name one.</summary>
[CancelAfter(60_000)]
public sealed class TracingTests
{
    [Test]
    public async Task Request_WithACollector_IsTracedWithoutContent(CancellationToken cancellationToken)
    {
        string collectorUrl = $"http://127.0.0.1:{ServerProcess.FreePort()}/";
        using var collector = new HttpListener();
        collector.Prefixes.Add(collectorUrl);
        collector.Start();
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(),
            [.. RandomWeights.Arguments, $"--OTEL_EXPORTER_OTLP_ENDPOINT={collectorUrl}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_BSP_SCHEDULE_DELAY=100"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        using var client = new HttpClient { BaseAddress = address };
        using (var response = await client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), MnistServer.Json(MnistServer.Body(TestDigits.Base64())), cancellationToken))
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(200));
        }

        var received = new StringBuilder();
        while (!received.ToString().Contains("classify", StringComparison.Ordinal))
        {
            var context = await collector.GetContextAsync().WaitAsync(cancellationToken);
            Assert.That(context.Request.Url!.AbsolutePath, Is.EqualTo("/v1/traces"));
            using var reader = new StreamReader(context.Request.InputStream, Encoding.Latin1);
            received.Append(await reader.ReadToEndAsync(cancellationToken));
            context.Response.Close();
        }

        Assert.That(received.ToString(), Does.Contain("decode").And.Contain("mnist.queue.seconds").And.Contain("mnist.model.version"));
        Assert.That(received.ToString(), Does.Not.Contain(TestDigits.Base64()[..16]));
    }
}
