using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mnist.Api.Controllers;
using Mnist.Api.Hosting;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
using Mnist.Core.Observability;

namespace Mnist.Api.Errors;

/// <summary>Writes a problem, whatever the client says it accepts: an error without a body helps nobody.</summary>
internal sealed class ProblemResult(ProblemKind kind, string detail, IReadOnlyDictionary<string, string[]>? errors = null) : IResult
{
    public const string ContentType = "application/problem+json";

    /// <summary>Leaves quotes and plus signs readable: a problem is read by people, and never inside HTML.</summary>
    private static readonly ApiJson Json = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = null,
    });

    /// <summary>The answer of a readiness check while the server drains.</summary>
    public static ProblemResult NotReady { get; } = new(ProblemKind.Draining, "The server is about to stop; send requests to another server.") { IsHealthCheck = true };

    /// <summary>The answer of a health check while a worker hangs.</summary>
    public static ProblemResult Stuck { get; } =
        new(ProblemKind.Stuck, "An engine worker computes one batch for longer than the stall timeout; restart the server.") { IsHealthCheck = true };

    /// <summary>Whether the problem is the answer to a question, not a rejection that the metrics count.</summary>
    private bool IsHealthCheck { get; init; }

    /// <summary>A request with faults: a breach of the contract outweighs an image that cannot be classified.</summary>
    public static ProblemResult Refused(ValidationErrors faults) => new(
        faults.BreaksContract ? ProblemKind.InvalidRequest : KindOf(faults.ImageError),
        faults.Summary,
        faults.Messages);

    /// <summary>Nothing comes in at the moment.</summary>
    public static ProblemResult NoRoom(Admission admission) => admission.IsClosed ? Stopping : Full;

    private static ProblemResult Stopping { get; } =
        new(ProblemKind.Draining, "The server is stopping and takes no new requests; send this one again, to another server or later.");

    private static ProblemResult Full { get; } =
        new(ProblemKind.Full, "As many images as the server may hold are being classified; send the request again after the time in Retry-After.");

    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, httpContext.RequestServices.GetService<ServerMetrics>());

    /// <summary>The same without services of the request's own, which take their time to be made.</summary>
    public Task WriteAsync(HttpContext httpContext, ServerMetrics? metrics)
    {
        var response = httpContext.Response;
        ResponseHeaders.Apply(httpContext);
        if (!IsHealthCheck)
        {
            metrics?.CountRejection(kind.Name);
        }

        response.StatusCode = kind.Status;
        if (kind.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((int)delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (kind == ProblemKind.UnsupportedMediaType)
        {
            response.Headers.Accept = MediaTypeGate.Json;
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

    private static ProblemKind KindOf(ImageErrorKind fault) => fault switch
    {
        ImageErrorKind.Blank => ProblemKind.BlankImage,
        ImageErrorKind.LowContrast => ProblemKind.LowContrast,
        ImageErrorKind.SeveralDigits => ProblemKind.SeveralDigits,
        ImageErrorKind.TooManyDigits => ProblemKind.TooManyDigits,
        ImageErrorKind.SeveralLines => ProblemKind.SeveralLines,
        _ => ProblemKind.InvalidImage,
    };
}
