using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Observability;

namespace Mnist.Api.Controllers;

/// <summary>Classifies images of handwritten digits.</summary>
[ApiController]
[Route("mnist/classify")]
public sealed class ClassifyController(
    MnistOptions options, RequestParser parser, PhotoReader photos, Admission admission, DynamicBatcher batcher, ServerMetrics metrics) : ControllerBase
{
    /// <summary>Names the version of the network that made an answer.</summary>
    public const string ModelVersionHeader = "Mnist-Model-Version";

    /// <summary>Classifies the images of one request. The cheapest refusals come first: type, length and room are decided before the body is read.</summary>
    /// <remarks>No parameters: the framework would read a form in the body to bind them.</remarks>
    [HttpPost(Name = "Classify")]
    [ProducesResponseType<ClassifyResponse>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status400BadRequest, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status401Unauthorized, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status408RequestTimeout, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status413PayloadTooLarge, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status415UnsupportedMediaType, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status422UnprocessableEntity, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status429TooManyRequests, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status500InternalServerError, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public async Task<IResult> Classify()
    {
        if (MediaTypeGate.FindFault(Request) is { } mediaTypeFault)
        {
            return new ProblemResult(ProblemKind.UnsupportedMediaType, mediaTypeFault);
        }

        var faults = new RequestFaults();
        var switches = ClassifySwitches.Read(Request.Query, faults);
        long maxBytes = switches.Normalize ? options.MaxPhotoRequestBytes : options.MaxRequestBytes;
        if (Request.ContentLength > maxBytes)
        {
            return new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {Request.ContentLength} bytes; expected at most {maxBytes}.");
        }

        using var reservation = switches.Normalize ? admission.TryEnterPhotos(Request.ContentLength ?? maxBytes) : admission.TryEnter(Request.ContentLength);
        if (reservation is null)
        {
            return ProblemResult.NoRoom(admission);
        }

        if (switches.Normalize)
        {
            RequestBody.AllowPhotos(HttpContext, maxBytes);
        }

        var timeout = RequestTimeout.Read(Request.Headers, options.Deadline, faults);
        var body = await RequestBody.ReadAsync(Request.BodyReader, HttpContext.RequestAborted);
        long received = Stopwatch.GetTimestamp();
        var request = parser.Parse(body, switches.Normalize, faults);
        Request.BodyReader.AdvanceTo(body.End);

        // Photos keep the room that their bytes take until they are answered.
        int count = request?.Requests.Count ?? 0;
        if (!reservation.TryResize(switches.Normalize ? Math.Max(count, reservation.Images) : count))
        {
            return ProblemResult.NoRoom(admission);
        }

        var images = request is null ? []
            : switches.Normalize ? await photos.NormalizeAsync(request, timeout, faults, HttpContext.RequestAborted)
            : RequestParser.Decode(request, faults);
        if (faults.Any)
        {
            return ProblemResult.Refused(faults);
        }

        var decodeTime = Stopwatch.GetElapsedTime(received);
        metrics.RecordDecode(decodeTime, switches.Normalize);
        var predictions = await batcher.ClassifyAsync(images, switches.Reject, timeout - decodeTime, HttpContext.RequestAborted);
        if (switches.Reject && predictions.Verdicts is null)
        {
            faults.AddToContract(ClassifySwitches.RejectName, "is not possible with the weights that are served: they have nothing that tells digits from other images.");
            return ProblemResult.Refused(faults);
        }

        var response = ClassifyResponse.From(predictions, switches.Probabilities, switches.Preview ? images : null);
        metrics.CountPredictions(response.Responses);
        Response.Headers[ModelVersionHeader] = predictions.ModelVersion;
        Response.Headers["Server-Timing"] = ServerTiming(decodeTime, predictions);
        return TypedResults.Json(response, ContractJson.Default.ClassifyResponse);
    }

    /// <summary>Milliseconds, as the header's specification wants them.</summary>
    private static string ServerTiming(TimeSpan decodeTime, Predictions predictions) => string.Create(
        CultureInfo.InvariantCulture,
        $"decode;dur={decodeTime.TotalMilliseconds:0.###}, queue;dur={predictions.QueueTime.TotalMilliseconds:0.###}, inference;dur={predictions.InferenceTime.TotalMilliseconds:0.###}");
}
