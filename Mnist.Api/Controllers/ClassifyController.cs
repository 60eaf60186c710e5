using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Api.Intake;
using Mnist.Core;
using Mnist.Core.Requests;

namespace Mnist.Api.Controllers;

/// <summary>Classifies images of handwritten digits.</summary>
[ApiController]
[Route(AdmissionGate.ClassifyPath)]
public sealed class ClassifyController(RequestIntake intake, ClassifyRequestReader reader, Classifier classifier) : ControllerBase
{
    internal const string ProbabilitiesName = "probabilities";
    internal const string PreviewName = "preview";

    /// <summary>Classifies the images of one request.</summary>
    // No parameters: to bind them the framework would read the body as a form.
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
    public Task<IResult> Classify() => intake.HandleAsync(
        HttpContext,
        (body, kind, deadline, errors) =>
        {
            // Admission depends on this switch already; here its value is checked.
            IsSet(AdmissionGate.NormalizeName, errors);
            return reader.Read(body, kind, deadline, errors) with
            {
                Probabilities = IsSet(ProbabilitiesName, errors),
                Preview = IsSet(PreviewName, errors),
                Reject = IsSet(ImageRequest.RejectName, errors),
                Explain = IsSet(ImageRequest.ExplainName, errors),
            };
        },
        async request => AnswerResult.Of(await classifier.ClassifyAsync(request, HttpContext.RequestAborted), ContractJson.Default.ClassifyResponse));

    /// <summary>Whether the query has a switch, such as <c>?preview=true</c>. Unknown parameters are ignored.</summary>
    private bool IsSet(string name, ValidationErrors errors)
    {
        if (!Request.Query.TryGetValue(name, out var values))
        {
            return false;
        }

        if (values is not ["true"])
        {
            errors.AddContractError(name, $"has another value; expected ?{name}=true, once, or nothing.");
        }

        return true;
    }
}
