using Mnist.Api.Errors;
using Mnist.Core.Metrics;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Settings.Configuration;

namespace Mnist.Api.Operations;

/// <summary>Logs one JSON object a line to the console, one line for each request. No line holds anything of a body.</summary>
internal static class LoggingSetup
{
    public static void AddLogging(this WebApplicationBuilder builder)
    {
        // Until the server has started, StartFailure reports failures, in one line.
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

    /// <summary>Logs where the server listens, and enables the framework's warnings.</summary>
    public static void LogStart(this WebApplication app)
    {
        var console = app.Services.GetRequiredService<BackgroundConsole>();
        app.Services.GetRequiredService<ServerMetrics>().ObserveDroppedLogLines(() => console.Dropped);
        app.Services.GetRequiredService<LoggingLevelSwitch>().MinimumLevel = LogEventLevel.Warning;
        app.Services.GetRequiredService<Serilog.ILogger>().Information("Listening on {Urls}", app.Urls);
    }

    /// <summary>To be placed outside the error handler, so that an error is logged with the status that the client received.</summary>
    public static void UseRequestLogging(this WebApplication app)
    {
        var log = app.Services.GetRequiredService<ProblemLog>();
        app.UseSerilogRequestLogging(options => options.GetLevel = (context, _, exception) => LevelOf(context, exception, log));
    }

    private static LogEventLevel LevelOf(HttpContext context, Exception? exception, ProblemLog log) => context.Response.StatusCode switch
    {
        _ when WarmUp.Includes(context) => LogEventLevel.Verbose,
        _ when exception is not null => LogEventLevel.Error,

        // Under overload, thousands of admitted requests a second may miss their deadline.
        StatusCodes.Status503ServiceUnavailable => IsHealthCheck(context) || log.TryTakeLine() ? LogEventLevel.Warning : LogEventLevel.Debug,
        >= StatusCodes.Status500InternalServerError => LogEventLevel.Error,
        _ => IsHealthCheck(context) ? LogEventLevel.Debug : LogEventLevel.Information,
    };

    private static bool IsHealthCheck(HttpContext context) => context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal);
}
