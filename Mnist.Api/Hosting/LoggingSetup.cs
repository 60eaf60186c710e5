using Mnist.Core.Observability;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Settings.Configuration;

namespace Mnist.Api.Hosting;

/// <summary>One JSON object a line on the console, one line for each request; no line holds anything of a body.</summary>
internal static class LoggingSetup
{
    public static void AddLogging(this WebApplicationBuilder builder)
    {
        // Until the server has started, its failures are told once, by StartFailure, in one line.
        var console = new BackgroundConsole();
        var framework = new LoggingLevelSwitch(LevelAlias.Off);
        builder.Services.AddSerilog(logger => logger
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", framework)
            .ReadFrom.Configuration(builder.Configuration, new ConfigurationReaderOptions(typeof(Serilog.ILogger).Assembly))
            .WriteTo.Sink(console));
        builder.Services.AddSingleton(console);
        builder.Services.AddSingleton(framework);
    }

    /// <summary>Says where the server listens, and lets the framework speak from now on.</summary>
    public static void LogStart(this WebApplication app)
    {
        var console = app.Services.GetRequiredService<BackgroundConsole>();
        app.Services.GetRequiredService<ServerMetrics>().ObserveDroppedLogLines(() => console.Dropped);
        app.Services.GetRequiredService<LoggingLevelSwitch>().MinimumLevel = LogEventLevel.Warning;
        app.Services.GetRequiredService<Serilog.ILogger>().Information("Listening on {Urls}", app.Urls);
    }

    /// <summary>Stands outside the error handler, so that an error is logged with the status the client got.</summary>
    public static void UseRequestLogging(this WebApplication app)
    {
        var refusals = new OncePerSecond();
        app.UseSerilogRequestLogging(options => options.GetLevel = (context, _, exception) => LevelOf(context, exception, refusals));
    }

    private static LogEventLevel LevelOf(HttpContext context, Exception? exception, OncePerSecond refusals) => context.Response.StatusCode switch
    {
        _ when WarmUp.Includes(context) => LogEventLevel.Verbose,
        _ when exception is not null => LogEventLevel.Error,

        // Of those that a full server let in, thousands a second may still come too late: to write a line for each would cost as much as to refuse it.
        StatusCodes.Status503ServiceUnavailable => IsHealthCheck(context) || refusals.TryTake() ? LogEventLevel.Warning : LogEventLevel.Debug,
        >= StatusCodes.Status500InternalServerError => LogEventLevel.Error,
        _ => IsHealthCheck(context) ? LogEventLevel.Debug : LogEventLevel.Information,
    };

    private static bool IsHealthCheck(HttpContext context) => context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
}
