using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core;
using Mnist.Core.Contract;
using Mnist.Core.Observability;

namespace Mnist.Api.Controllers;

/// <summary>Reads lines of handwritten digits.</summary>
[ApiController]
[Route(Path)]
public sealed class ReadController(RequestIntake intake, LineReader lines, ServerMetrics metrics) : ControllerBase
{
    internal const string Path = "/mnist/read";

    /// <summary>Reads the digits of each image of one request, from left to right.</summary>
    // No parameters: the framework would read a form in the body to bind them.
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
    public async Task<IResult> Read()
    {
        var faults = new ValidationErrors();
        var (received, refusal) = await intake.ReceiveAsync(HttpContext, photos: true, LineReader.Room, faults);
        if (received is null)
        {
            return refusal!;
        }

        using var room = received.AdmissionLease;
        if (received.Content is not { } content)
        {
            return ProblemResult.Refused(faults);
        }

        var answers = await lines.ReadAsync(content, received.Timeout, faults, HttpContext.RequestAborted);
        if (faults.Any)
        {
            return ProblemResult.Refused(faults);
        }

        var decodeTime = Stopwatch.GetElapsedTime(received.At) - answers.QueueTime - answers.InferenceTime;
        metrics.RecordDecode(decodeTime, normalized: true);
        metrics.CountPredictions([.. answers.Response.Responses.SelectMany(line => line.Digits)]);
        AnswerHeaders.Write(Response, answers.ModelVersion, decodeTime, answers.QueueTime, answers.InferenceTime);
        return new JsonAnswer<ReadResponse>(answers.Response, ContractJson.Default.ReadResponse);
    }
}
