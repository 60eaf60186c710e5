using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Observability;

namespace Mnist.Api.Controllers;

/// <summary>Classifies images of handwritten digits.</summary>
[ApiController]
[Route(Path)]
public sealed class ClassifyController(
    RequestIntake intake, PhotoReader photos, DynamicBatcher batcher, ServerMetrics metrics) : ControllerBase
{
    internal const string Path = "/mnist/classify";

    /// <summary>Classifies the images of one request.</summary>
    // No parameters: the framework would read a form in the body to bind them.
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
        var faults = new ValidationErrors();
        var switches = ClassifySwitches.Read(Request.Query, faults);
        var (received, refusal) = await intake.ReceiveAsync(HttpContext, switches.Normalize, switches.Explain ? Occlusion.ImageCount - 1 : 0, faults);
        if (received is null)
        {
            return refusal!;
        }

        using var room = received.AdmissionLease;
        if (switches.Explain && received.Content?.Requests.Count > 1)
        {
            faults.AddToContract(ClassifySwitches.ExplainName, $"takes one image a request; found {received.Content.Requests.Count}. Send each in a request of its own.");
        }

        using var pixels = RequestParser.RentPixels(received.Content);
        var images = received.Content is not { } content ? []
            : switches.Normalize ? await photos.NormalizeAsync(content, received.Timeout, faults, HttpContext.RequestAborted)
            : RequestParser.Decode(content, pixels.Memory, faults);
        if (faults.Any)
        {
            return ProblemResult.Refused(faults);
        }

        // While the images wait, the garbage collector would move their files as well.
        received.Content = null;
        var decodeTime = Stopwatch.GetElapsedTime(received.At);
        metrics.RecordDecode(decodeTime, switches.Normalize);
        var predictions = await batcher.ClassifyAsync(
            switches.Explain ? Occlusion.Copies(images[0]) : images, switches.Reject, received.Timeout - decodeTime, HttpContext.RequestAborted);
        if (switches.Reject && predictions.OodResults is null)
        {
            faults.AddToContract(ClassifySwitches.RejectName, "is not possible with the weights that are served: they have nothing that tells digits from other images.");
            return ProblemResult.Refused(faults);
        }

        var response = ClassifyResponse.From(
            predictions, images, switches.Probabilities, switches.Preview, switches.Explain ? Occlusion.Explain(predictions) : null);
        metrics.CountPredictions(response.Responses);
        AnswerHeaders.Write(Response, predictions.ModelVersion, decodeTime, predictions.QueueTime, predictions.InferenceTime);
        return new JsonAnswer<ClassifyResponse>(response, ContractJson.Default.ClassifyResponse);
    }
}
