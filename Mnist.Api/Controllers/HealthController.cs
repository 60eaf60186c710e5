using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Api.Operations;
using Mnist.Core.Admission;
using Mnist.Core.Batching;

namespace Mnist.Api.Controllers;

/// <summary>Health checks for orchestrators. Never rejected by admission.</summary>
[ApiController]
[AllowAnonymous]
[Route("health")]
public sealed class HealthController(AdmissionControl admission, DynamicBatcher batcher) : ControllerBase
{
    /// <summary>The process answers, and no engine worker is stuck. When this fails, only a restart helps.</summary>
    [HttpGet("live", Name = "Live")]
    [HttpHead("live")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public IResult Live() => batcher.StuckWorkers > 0 ? ProblemResult.Stuck : Report(new HealthReport("live"));

    /// <summary>The server takes requests: its model passed the self-test, no engine worker is stuck, and it is not about to stop.</summary>
    [HttpGet("ready", Name = "Ready")]
    [HttpHead("ready")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public IResult Ready()
    {
        if (admission.IsDraining)
        {
            return ProblemResult.NotReady;
        }

        return batcher.StuckWorkers > 0 ? ProblemResult.Stuck : Report(new HealthReport("ready", batcher.Model.Version));
    }

    private static JsonHttpResult<HealthReport> Report(HealthReport report) => TypedResults.Json(report, OperationsJson.Default.HealthReport);
}
