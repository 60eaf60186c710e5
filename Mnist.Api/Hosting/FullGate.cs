using Mnist.Api.Errors;
using Mnist.Core.Batching;

namespace Mnist.Api.Hosting;

/// <summary>
/// Refuses requests for which there is no room, before a controller is made for them: a server that is full refuses ten times what it answers, and
/// what a refusal takes is taken from the answers.
/// </summary>
internal static class FullGate
{
    /// <summary>To be used behind routing and keys: what is not found, or not allowed, is told first.</summary>
    public static void UseFullGate(this WebApplication app)
    {
        var admission = app.Services.GetRequiredService<Admission>();
        app.Use((context, next) => TakesImages(context) && !admission.HasRoomFor(context.Request.ContentLength)
            ? ProblemResult.NoRoom(admission).ExecuteAsync(context)
            : next(context));
    }

    private static bool TakesImages(HttpContext context) => HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint() is RouteEndpoint;
}
