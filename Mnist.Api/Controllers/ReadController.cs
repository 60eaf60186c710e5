using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Api.Intake;
using Mnist.Core;
using Mnist.Core.Requests;

namespace Mnist.Api.Controllers;

/// <summary>Reads handwritten numbers.</summary>
[ApiController]
[Route(AdmissionGate.ReadPath)]
public sealed class ReadController(RequestIntake intake, ClassifyRequestReader reader, NumberReader numbers) : ControllerBase
{
    /// <summary>Reads the digits of each image of one request, from left to right.</summary>
    // No parameters: to bind them the framework would read the body as a form.
    [HttpPost(Name = "Read")]
    [ProducesResponseType<ReadResponse>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status400BadRequest, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status401Unauthorized, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status408RequestTimeout, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status413PayloadTooLarge, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status415UnsupportedMediaType, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status422UnprocessableEntity, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status429TooManyRequests, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status500InternalServerError, ProblemResult.ContentType)]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public Task<IResult> Read() => intake.HandleAsync(
        HttpContext,
        (body, kind, deadline, errors) => reader.Read(body, kind, deadline, errors),
        async request => AnswerResult.Of(await numbers.ReadAsync(request, HttpContext.RequestAborted), ContractJson.Default.ReadResponse));
}
