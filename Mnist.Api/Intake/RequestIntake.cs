using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Mnist.Api.Errors;
using Mnist.Core.Admission;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Api.Intake;

/// <summary>
/// What all wire formats share before an image is looked at: media type and length are checked before the body is read, the deadline starts when it has
/// arrived, and admission is corrected when the number of images is known.
/// </summary>
public sealed class RequestIntake(MnistOptions options, AdmissionControl admission)
{
    public const string TimeoutHeader = "Request-Timeout";

    /// <summary>Reads an admitted request and answers it.</summary>
    /// <param name="context">The request, its body unread.</param>
    /// <param name="read">The reader of the wire format: body, kind, deadline and the errors so far to a request.</param>
    /// <param name="answer">The use case and the writer of the wire format.</param>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    internal async Task<IResult> HandleAsync(
        HttpContext context, Func<ReadOnlySequence<byte>, RequestKind, Deadline, ValidationErrors, ImageRequest> read, Func<ImageRequest, Task<IResult>> answer)
    {
        var http = context.Request;

        // Returned before the response is written: a client that has its answer may send its next request at once.
        using var lease = context.Features.GetRequiredFeature<AdmissionLease>();
        if (MediaTypeGate.FindError(http) is { } mediaTypeError)
        {
            return new ProblemResult(ProblemKind.UnsupportedMediaType, mediaTypeError);
        }

        long maxBytes = lease.Kind.MaxBodyBytes(options);
        if (http.ContentLength > maxBytes)
        {
            return new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {http.ContentLength} bytes; expected at most {maxBytes}.");
        }

        RequestBody.Limit(context, maxBytes, lease.Kind);
        var errors = new ValidationErrors();
        var timeout = ReadTimeout(http.Headers, errors);
        if (await RequestBody.ReadAsync(http.BodyReader, lease, context.RequestAborted) is not { } body)
        {
            return ProblemResult.NotAdmitted(admission);
        }

        var request = read(body, lease.Kind, Deadline.After(timeout), errors);
        http.BodyReader.AdvanceTo(body.End);
        return lease.TryResize(request.ImagesInFlight) ? await answer(request) : ProblemResult.NotAdmitted(admission);
    }

    /// <summary><c>Request-Timeout: 0.5</c> says how many seconds the client will wait; the server's deadline is an upper bound.</summary>
    private TimeSpan ReadTimeout(IHeaderDictionary headers, ValidationErrors errors)
    {
        if (!headers.TryGetValue(TimeoutHeader, out var values))
        {
            return options.Deadline;
        }

        if (values is [{ } text] && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds > 0)
        {
            return seconds < (decimal)options.Deadline.TotalSeconds ? TimeSpan.FromSeconds((double)seconds) : options.Deadline;
        }

        errors.AddContractError(TimeoutHeader, "is a header with another value; expected a number of seconds above 0, such as 0.5, once.");
        return options.Deadline;
    }
}
