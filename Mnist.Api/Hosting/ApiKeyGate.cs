using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Mnist.Api.Errors;
using Serilog;

namespace Mnist.Api.Hosting;

/// <summary>
/// Where keys are set, lets requests with one of them through, at its rate, and refuses the others before their body is read. Every route needs a
/// key, but those that say <see cref="IAllowAnonymous"/>.
/// </summary>
internal static class ApiKeyGate
{
    private const string Scheme = "Bearer ";
    private const string Challenge = "Bearer realm=\"mnist\"";

    public static void UseApiKeys(this WebApplication app)
    {
        var ring = app.Services.GetRequiredService<ApiKeyRing>();
        if (ring.IsEmpty)
        {
            return;
        }

        var diagnostics = app.Services.GetRequiredService<IDiagnosticContext>();
        app.Use((context, next) => NeedsKey(context) && FindFault(context, ring, diagnostics) is { } fault ? fault.ExecuteAsync(context) : next(context));
    }

    private static bool NeedsKey(HttpContext context) =>
        !WarmUp.Includes(context) && context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private static ProblemResult? FindFault(HttpContext context, ApiKeyRing ring, IDiagnosticContext diagnostics)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(context, Challenge, "The service needs a key; send it once, as Authorization: Bearer KEY.");
        }

        if (ring.Find(header.AsSpan(Scheme.Length).Trim()) is not { } key)
        {
            return Refuse(context, $"{Challenge}, error=\"invalid_token\"", "The key is not one of those that the service knows; ask its operator for a new one.");
        }

        diagnostics.Set("ApiKey", key.Name);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("key", key.Name));
        using var lease = key.Rate?.AttemptAcquire();
        return lease is null or { IsAcquired: true }
            ? null
            : new ProblemResult(ProblemKind.RateLimited, "The key has had its requests of this second; send the request again after the time in Retry-After.");
    }

    private static ProblemResult Refuse(HttpContext context, string challenge, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return new ProblemResult(ProblemKind.Unauthorized, detail);
    }
}
