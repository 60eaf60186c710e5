using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Mnist.Api.Errors;
using Mnist.Core.Batching;

namespace Mnist.Api.Controllers;

/// <summary>Tells an orchestrator how the server is. Never refused for lack of room.</summary>
[ApiController]
[Route("health")]
public sealed class HealthController(Admission admission) : ControllerBase
{
    /// <summary>The process answers.</summary>
    [HttpGet("live", Name = "Live")]
    [HttpHead("live")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK, "application/json")]
    public IResult Live() => Report("live");

    /// <summary>The server takes requests: the weights are loaded, a first classification succeeded, and it is not stopping.</summary>
    [HttpGet("ready", Name = "Ready")]
    [HttpHead("ready")]
    [ProducesResponseType<HealthReport>(StatusCodes.Status200OK, "application/json")]
    [ProducesResponseType<Problem>(StatusCodes.Status503ServiceUnavailable, ProblemResult.ContentType)]
    public IResult Ready() => admission.IsClosed ? ProblemResult.NoRoom(admission) : Report("ready");

    private static JsonHttpResult<HealthReport> Report(string status) => TypedResults.Json(new HealthReport(status), ApiJson.Default.HealthReport);
}

/// <summary>The answer of a health check that succeeds.</summary>
public sealed record HealthReport(string Status);
