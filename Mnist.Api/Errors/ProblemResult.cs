using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mnist.Api.Kestrel;
using Mnist.Core.Admission;
using Mnist.Core.Imaging;
using Mnist.Core.Metrics;
using Mnist.Core.Requests;

namespace Mnist.Api.Errors;

/// <summary>Writes a problem, whatever media types the client accepts.</summary>
internal sealed class ProblemResult(ProblemKind kind, string detail, IReadOnlyDictionary<string, string[]>? errors = null) : IResult
{
    public const string ContentType = "application/problem+json";

    /// <summary>Does not escape quotes and plus signs: people read problems, and never inside HTML.</summary>
    private static readonly ProblemJson Json = new(new JsonSerializerOptions(ProblemJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = null,
    });

    /// <summary>The response to a readiness check while the server drains.</summary>
    public static ProblemResult NotReady { get; } = new(ProblemKind.Draining, "The server is about to stop; send requests to another server.") { IsHealthCheck = true };

    /// <summary>The response to a health check while a worker is stuck.</summary>
    public static ProblemResult Stuck { get; } =
        new(ProblemKind.Stuck, "An engine worker computes one batch for longer than the stall timeout; restart the server.") { IsHealthCheck = true };

    /// <summary>Whether the problem answers a health check, and so is not counted.</summary>
    private bool IsHealthCheck { get; init; }

    /// <summary>The problem of a request with validation errors. One in the request itself outweighs those in the content of images.</summary>
    public static ProblemResult Of(ValidationErrors errors) => new(
        errors.BreaksContract ? ProblemKind.InvalidRequest : KindOf(errors.ImageErrorKind),
        errors.Summary,
        errors.Messages);

    /// <summary>The problem of a request that was not admitted.</summary>
    public static ProblemResult NotAdmitted(AdmissionControl admission) => admission.IsClosed ? Stopping : Full;

    private static ProblemResult Stopping { get; } =
        new(ProblemKind.Draining, "The server is stopping and takes no new requests; send this one again, to another server or later.");

    private static ProblemResult Full { get; } =
        new(ProblemKind.Full, "As many images as the server may hold are being classified; send the request again after the time in Retry-After.");

    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, httpContext.RequestServices.GetService<ServerMetrics>());

    /// <summary>Writes it without creating the request's services, which takes its time.</summary>
    public Task WriteAsync(HttpContext httpContext, ServerMetrics? metrics)
    {
        var response = httpContext.Response;
        ResponseHeaders.Apply(httpContext);
        if (!IsHealthCheck)
        {
            metrics?.CountProblem(kind.Name);
        }

        response.StatusCode = kind.Status;
        if (kind.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((int)delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (kind == ProblemKind.UnsupportedMediaType)
        {
            response.Headers.Accept = JsonBody.MediaType;
            response.Headers.AcceptEncoding = "identity";
        }
        else if (kind == ProblemKind.BodyTooLarge)
        {
            // The rest of the body will not be read, so the connection cannot carry another request.
            response.Headers.Connection = ResponseHeaders.Close;
        }

        string traceId = Activity.Current?.Id ?? httpContext.TraceIdentifier;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new Problem(kind.Type, kind.Title, kind.Status, detail, traceId, errors), Json.Problem);
        return JsonBody.WriteAsync(response, ContentType, body);
    }

    private static ProblemKind KindOf(ImageErrorKind error) => error switch
    {
        ImageErrorKind.Blank => ProblemKind.BlankImage,
        ImageErrorKind.LowContrast => ProblemKind.LowContrast,
        ImageErrorKind.SeveralDigits => ProblemKind.SeveralDigits,
        ImageErrorKind.TooManyDigits => ProblemKind.TooManyDigits,
        ImageErrorKind.SeveralLines => ProblemKind.SeveralLines,
        _ => ProblemKind.InvalidImage,
    };
}
