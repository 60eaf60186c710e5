using Microsoft.AspNetCore.Http.Features;
using Mnist.Api.Errors;
using Mnist.Core.Admission;
using Mnist.Core.Metrics;
using Mnist.Core.Requests;

namespace Mnist.Api.Intake;

/// <summary>
/// Admits requests with images, or rejects them before anything else is asked of them, their API key included. A full server may reject ten times as many
/// requests as it answers, between two batches: by then the HTTP code has been evicted from the caches, so a shorter path to the rejection pays twice.
/// </summary>
internal static class AdmissionGate
{
    public const string ClassifyPath = "/mnist/classify";
    public const string ReadPath = "/mnist/read";

    /// <summary>Reads photos with <see cref="ClassifyPath"/>.</summary>
    public const string NormalizeName = "normalize";

    /// <summary>The tag of the HTTP metrics that routing, which comes later, would set.</summary>
    private static readonly KeyValuePair<string, object?> ClassifyRoute = new("http.route", ClassifyPath[1..]);

    private static readonly KeyValuePair<string, object?> ReadRoute = new("http.route", ReadPath[1..]);

    public static void UseAdmission(this WebApplication app)
    {
        var admission = app.Services.GetRequiredService<AdmissionControl>();
        var metrics = app.Services.GetRequiredService<ServerMetrics>();
        var log = app.Services.GetRequiredService<ProblemLog>();
        app.Use((context, next) =>
        {
            RemoveDoubledSlash(context.Request);
            if (KindOf(context.Request) is not { } kind)
            {
                return next(context);
            }

            if (admission.TryAdmit(kind, context.Request.ContentLength) is { } lease)
            {
                return RunAsync(context, next, lease);
            }

            log.CountRejection();
            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(kind == RequestKind.Lines ? ReadRoute : ClassifyRoute);
            return ProblemResult.NotAdmitted(admission).WriteAsync(context, metrics);
        });
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate next, AdmissionLease lease)
    {
        using (lease)
        {
            context.Features.Set(lease);
            await next(context);
        }
    }

    /// <summary>Clients that join a base address ending in a slash with an absolute path send <c>//mnist/classify</c>.</summary>
    private static void RemoveDoubledSlash(HttpRequest request)
    {
        if (request.Path.Value is ['/', '/', ..] path)
        {
            request.Path = path[1..];
        }
    }

    /// <summary>What the request's images are; null where it has none.</summary>
    private static RequestKind? KindOf(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return null;
        }

        var path = request.Path.Value.AsSpan().TrimEnd('/');
        return path.Equals(ReadPath, StringComparison.OrdinalIgnoreCase) ? RequestKind.Lines
            : !path.Equals(ClassifyPath, StringComparison.OrdinalIgnoreCase) ? null
            : request.QueryString.HasValue && request.Query.ContainsKey(NormalizeName) ? RequestKind.Photos
            : RequestKind.Digits;
    }
}
