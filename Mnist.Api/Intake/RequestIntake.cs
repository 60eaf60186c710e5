using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Mnist.Api.Errors;
using Mnist.Api.Kestrel;
using Mnist.Core.Admission;
using Mnist.Core.Requests;
using Mnist.Core.Settings;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Mnist.Api.Intake;

/// <summary>
/// What all wire formats share before an image is looked at: media type and length are checked before the body is read, the deadline starts when it has
/// arrived, and admission is corrected when the number of images is known.
/// </summary>
public sealed class RequestIntake(MnistOptions options, AdmissionControl admission)
{
    public const string TimeoutHeader = "Request-Timeout";

    /// <summary>At this rate the longest body of photos takes a quarter of an hour.</summary>
    private static readonly MinDataRate PhotoRate = new(bytesPerSecond: 16 * 1024, KestrelSetup.UploadGrace);

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
        if (FindMediaTypeError(http) is { } mediaTypeError)
        {
            return new ProblemResult(ProblemKind.UnsupportedMediaType, mediaTypeError);
        }

        long maxBytes = lease.Kind.MaxBodyBytes(options);
        if (http.ContentLength > maxBytes)
        {
            return new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {http.ContentLength} bytes; expected at most {maxBytes}.");
        }

        LimitBody(context, maxBytes, lease.Kind);
        var errors = new ValidationErrors();
        var timeout = ReadTimeout(http.Headers, errors);
        if (await ReadBodyAsync(http.BodyReader, lease, context.RequestAborted) is not { } body)
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

    /// <summary>
    /// What is wrong with the headers that describe the body, which must be JSON in UTF-8 without content encoding; null where nothing is. The framework's own
    /// check answers an unusual charset with 500.
    /// </summary>
    private static string? FindMediaTypeError(HttpRequest request)
    {
        const string Advice = $"send Content-Type: {JsonBody.MediaType}";
        var contentType = request.Headers.ContentType;
        if (contentType.Count == 0)
        {
            return $"The Content-Type header is missing; {Advice}.";
        }

        if (contentType.Count > 1 || !MediaTypeHeaderValue.TryParse(contentType[0], out var mediaType)
            || !mediaType.MediaType.Equals(JsonBody.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return $"The body is not declared as JSON; {Advice}.";
        }

        if (mediaType.Parameters.Any(IsForeignCharset))
        {
            return $"The Content-Type header names a charset other than utf-8; {Advice}, with no charset or with utf-8.";
        }

        return request.Headers.ContentEncoding.Any(encoding => !string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase))
            ? "The body has a content encoding; send it as it is, without compression."
            : null;
    }

    private static bool IsForeignCharset(NameValueHeaderValue parameter) =>
        parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)
        && !HeaderUtilities.RemoveQuotes(parameter.Value).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sets the longest body, and for photos the lowest rate.</summary>
    private static void LimitBody(HttpContext context, long maxBytes, RequestKind kind)
    {
        // The requests of the warm-up have no connection, and so no such feature.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } size)
        {
            size.MaxRequestBodySize = maxBytes;
        }

        // HTTP/2 has one rate for all requests of a connection.
        if (kind.IsPhoto && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = PhotoRate;
        }
    }

    /// <summary>
    /// Waits for the whole body. One that takes longer than the grace period keeps its capacity only while all slow uploads hold at most half of it. The memory
    /// belongs to the reader until <see cref="PipeReader.AdvanceTo(SequencePosition)"/>.
    /// </summary>
    /// <returns>Null where the lease is revoked because slow uploads hold too much already.</returns>
    /// <exception cref="BadHttpRequestException">The body is too long, too slow or wrongly framed.</exception>
    private static async ValueTask<ReadOnlySequence<byte>?> ReadBodyAsync(PipeReader reader, AdmissionLease lease, CancellationToken cancellationToken)
    {
        var reading = ReadToEndAsync(reader, lease, cancellationToken);
        if (reading.IsCompleted)
        {
            return await reading;
        }

        var task = reading.AsTask();
        try
        {
            return await task.WaitAsync(KestrelSetup.UploadGrace, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            if (!lease.TryBeginSlowUpload())
            {
                reader.CancelPendingRead();
            }

            var body = await task;
            lease.EndSlowUpload();
            return body;
        }
    }

    private static async ValueTask<ReadOnlySequence<byte>?> ReadToEndAsync(PipeReader reader, AdmissionLease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

            // The server also cancels reads when it begins to stop; that ends no request.
            if (result.IsCanceled && lease.IsRevoked)
            {
                return null;
            }
        }
    }
}
