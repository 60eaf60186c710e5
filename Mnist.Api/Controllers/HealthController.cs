using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core.Batching;

namespace Mnist.Api.Controllers;

/// <summary>Tells an orchestrator how the server is. Never refused for lack of room.</summary>
[ApiController]
[AllowAnonymous]
[Route("health")]
public sealed class HealthController(Admission admission, DynamicBatcher batcher) : ControllerBase
{
    /// <summary>The process answers, and no engine worker hangs. When this fails, only a new process helps.</summary>
    [HttpGet("live", Name = "Live")]
    [HttpHead("live")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public IResult Live() => batcher.StuckWorkers > 0 ? ProblemResult.Stuck : Report(new HealthReport("live"));

    /// <summary>The server takes requests: its network passed the self-test, no engine worker hangs, and it is not about to stop.</summary>
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

    private static JsonHttpResult<HealthReport> Report(HealthReport report) => TypedResults.Json(report, ApiJson.Default.HealthReport);
}

/// <summary>The answer of a health check that succeeds.</summary>
/// <param name="Status">The check.</param>
/// <param name="ModelVersion">The version of the network that new requests get: the beginning of the SHA-256 of its weights file.</param>
public sealed record HealthReport(string Status, string? ModelVersion = null);
