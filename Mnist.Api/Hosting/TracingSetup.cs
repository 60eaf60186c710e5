using Mnist.Core.Observability;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mnist.Api.Hosting;

internal static class TracingSetup
{
    /// <summary>The standard variable that names a collector; without it nothing is traced.</summary>
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Sends spans to the collector that the standard variables of OpenTelemetry name.</summary>
    public static void AddTracing(this WebApplicationBuilder builder)
    {
        if (builder.Configuration[Endpoint] is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry().ConfigureResource(NameService)
                .WithTracing(tracing => tracing.AddSource("Microsoft.AspNetCore", Tracing.SourceName).AddOtlpExporter());
        }
    }

    /// <summary>Who traces and metrics come from.</summary>
    public static void NameService(ResourceBuilder resource) => resource.AddService("mnist");
}
