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
public sealed class ClassifyController(MnistOptions options, RequestParser parser, Admission admission, DynamicBatcher batcher, ServerMetrics metrics) : ControllerBase
{
    /// <summary>Names the version of the network that made an answer.</summary>
    public const string ModelVersionHeader = "Mnist-Model-Version";

    /// <summary>Classifies the images of one request. The cheapest refusals come first: type, length and room are decided before the body is read.</summary>
    /// <remarks>No parameters: the framework would read a form in the body to bind them.</remarks>
    [HttpPost(Name = "Classify")]
    [ProducesResponseType<ClassifyResponse>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status400BadRequest, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status408RequestTimeout, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status413PayloadTooLarge, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status415UnsupportedMediaType, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status422UnprocessableEntity, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status500InternalServerError, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public async Task<IResult> Classify()
    {
        if (MediaTypeGate.FindFault(Request) is { } mediaTypeFault)
        {
            return new ProblemResult(ProblemKind.UnsupportedMediaType, mediaTypeFault);
        }

        if (Request.ContentLength > options.MaxRequestBytes)
        {
            return new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {Request.ContentLength} bytes; expected at most {options.MaxRequestBytes}.");
        }

        using var reservation = admission.TryEnter(Request.ContentLength);
        if (reservation is null)
        {
            return ProblemResult.NoRoom(admission);
        }

        var faults = new RequestFaults();
        bool includeProbabilities = ProbabilitiesSwitch.Read(Request.Query, faults);
        var timeout = RequestTimeout.Read(Request.Headers, options.Deadline, faults);
        var body = await RequestBody.ReadAsync(Request.BodyReader, HttpContext.RequestAborted);
        long received = Stopwatch.GetTimestamp();
        var request = parser.Parse(body, faults);
        Request.BodyReader.AdvanceTo(body.End);
        if (request is not null && !reservation.TryResize(request.Requests.Count))
        {
            return ProblemResult.NoRoom(admission);
        }

        var images = request is null ? [] : RequestParser.Decode(request, faults);
        if (faults.Any)
        {
            return ProblemResult.Refused(faults);
        }

        var decodeTime = Stopwatch.GetElapsedTime(received);
        metrics.RecordDecode(decodeTime);
        var predictions = await batcher.ClassifyAsync(images, timeout - decodeTime, HttpContext.RequestAborted);
        var response = ClassifyResponse.From(predictions, includeProbabilities);
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
