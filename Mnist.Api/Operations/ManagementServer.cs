using Mnist.Api.Errors;
using Mnist.Api.Kestrel;
using Mnist.Core.Metrics;
using Mnist.Core.Settings;
using OpenTelemetry.Metrics;

namespace Mnist.Api.Operations;

/// <summary>
/// The management port: <c>GET /metrics</c> and <c>POST /admin/reload</c>. A web server of its own, so that metrics can be read however many connections the
/// service has.
/// </summary>
internal sealed class ManagementServer(MnistOptions options, ServerMetrics metrics, ModelReloadHost reload, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.ManagementUrl.Length > 0)
        {
            _app = Build();
            await _app.StartAsync(cancellationToken);
            metrics.DeclareCounters(ProblemKind.All.Select(kind => kind.Name));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private WebApplication Build()
    {
        // Empty: the settings about addresses are those of the service.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.ManagementUrl).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 64;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddOpenTelemetry().ConfigureResource(TracingSetup.NameService).WithMetrics(provider => provider
            .AddMeter(ServerMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration { Boundaries = [.. ServerMetrics.DurationBuckets] })
            .AddPrometheusExporter());

        var app = builder.Build();
        app.Use((context, next) =>
        {
            ResponseHeaders.Apply(context);
            return next(context);
        });
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapPost("/admin/reload", context => Reload(context).ExecuteAsync(context));
        return app;
    }

    private IResult Reload(HttpContext context)
    {
        // Cross-site request forgery: a web page in the browser of somebody who can reach this port could send the request.
        if (context.Request.Headers.Origin.Count > 0)
        {
            return new ProblemResult(ProblemKind.CrossOrigin, "The request has an Origin header; send it with a tool, not from a web page.");
        }

        return reload.TryReload(out string? error) is { } done
            ? TypedResults.Json(done, OperationsJson.Default.ModelReload)
            : new ProblemResult(ProblemKind.ReloadFailed, $"{error}. The previous version stays in use.");
    }

    /// <summary>Ignores signals: the service handles them and stops this server.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
