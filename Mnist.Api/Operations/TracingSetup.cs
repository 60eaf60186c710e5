using Mnist.Core.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mnist.Api.Operations;

internal static class TracingSetup
{
    /// <summary>OpenTelemetry's standard variable for the collector; without it nothing is traced.</summary>
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Sends spans to the collector that OpenTelemetry's standard variables name.</summary>
    public static void AddTracing(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[Endpoint] is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry().ConfigureResource(NameService)
                .WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore", ServerMetrics.MeterName).AddOtlpExporter());
        }
    }

    /// <summary>The service name in traces and metrics.</summary>
    public static void NameService(ResourceBuilder resource) => resource.AddService("mnist");
}
