using Microsoft.AspNetCore.Http.Features;
using Mnist.Api.Controllers;
using Mnist.Api.Errors;
using Mnist.Core.Batching;
using Mnist.Core.Observability;

namespace Mnist.Api.Hosting;

/// <summary>
/// Refuses requests for which there is no room before anything else is asked of them, their key included. A server that is full may refuse ten times what
/// it answers, in between two batches: all code that a refusal runs comes from far memory then, so what is not run is saved twice.
/// </summary>
internal static class FullGate
{
    private static readonly PathString[] Paths = [ClassifyController.Path, ReadController.Path];

    /// <summary>What the metrics of a request say of its route, which is not looked for here.</summary>
    private static readonly KeyValuePair<string, object?>[] Routes = [.. Paths.Select(path => KeyValuePair.Create("http.route", (object?)path.Value![1..]))];

    public static void UseFullGate(this WebApplication app)
    {
        var admission = app.Services.GetRequiredService<Admission>();
        var metrics = app.Services.GetRequiredService<ServerMetrics>();
        var logger = app.Services.GetRequiredService<Serilog.ILogger>();
        var line = new OncePerSecond();
        int refused = 0;
        app.Use((context, next) =>
        {
            var request = context.Request;
            return HttpMethods.IsPost(request.Method) && Array.IndexOf(Paths, request.Path) is >= 0 and var path && !admission.HasRoomFor(request.ContentLength)
                ? RefuseAsync(context, path)
                : next(context);
        });

        Task RefuseAsync(HttpContext context, int path)
        {
            Interlocked.Increment(ref refused);
            if (line.TryTake())
            {
                logger.Warning("No room: {Refused} requests got {StatusCode} since this was said last", Interlocked.Exchange(ref refused, 0), StatusCodes.Status503ServiceUnavailable);
            }

            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(Routes[path]);
            return ProblemResult.NoRoom(admission).WriteAsync(context, metrics);
        }
    }
}
