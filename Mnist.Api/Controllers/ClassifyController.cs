using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Contract;

namespace Mnist.Api.Controllers;

/// <summary>Classifies images of handwritten digits.</summary>
[ApiController]
[Route("mnist/classify")]
public sealed class ClassifyController(MnistOptions options, RequestParser parser, PhotoReader photos, Admission admission, DynamicBatcher batcher) : ControllerBase
{
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

        var faults = new RequestFaults();
        var switches = ClassifySwitches.Read(Request.Query, faults);
        long maxBytes = switches.Normalize ? options.MaxPhotoRequestBytes : options.MaxRequestBytes;
        if (Request.ContentLength > maxBytes)
        {
            return new ProblemResult(ProblemKind.BodyTooLarge, $"The body has {Request.ContentLength} bytes; expected at most {maxBytes}.");
        }

        using var reservation = admission.TryEnter(Request.ContentLength ?? maxBytes);
        if (reservation is null)
        {
            return ProblemResult.NoRoom(admission);
        }

        if (switches.Normalize)
        {
            RequestBody.AllowPhotos(HttpContext.Features, maxBytes);
        }

        var request = await RequestBody.ReadAsync(Request.BodyReader, body => parser.Parse(body, switches.Normalize, faults), HttpContext.RequestAborted);

        // Photos keep the room that their bytes take until they are answered.
        if (request is not null && !switches.Normalize && !reservation.TryResize(request.Requests.Count))
        {
            return ProblemResult.NoRoom(admission);
        }

        var images = request is null ? []
            : switches.Normalize ? await photos.NormalizeAsync(request, faults, HttpContext.RequestAborted)
            : RequestParser.Decode(request, faults);
        if (faults.Any)
        {
            return ProblemResult.Refused(faults);
        }

        var predictions = await batcher.ClassifyAsync(images, HttpContext.RequestAborted);
        return TypedResults.Json(ClassifyResponse.From(predictions, switches.Probabilities, switches.Preview ? images : null), ContractJson.Default.ClassifyResponse);
    }
}
