using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using Mnist.Api.Errors;
using Mnist.Api.Operations;
using Serilog;

namespace Mnist.Api.Security;

/// <summary>
/// Where API keys are configured, rejects requests without a valid one, or over its rate, before their body is read. Every route needs a key, except those
/// with <see cref="IAllowAnonymous"/>.
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
        app.Use((context, next) => NeedsKey(context) && FindError(context, ring, diagnostics) is { } error ? error.ExecuteAsync(context) : next(context));
    }

    private static bool NeedsKey(HttpContext context) =>
        !WarmUp.Includes(context) && context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null;

    private static ProblemResult? FindError(HttpContext context, ApiKeyRing ring, IDiagnosticContext diagnostics)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Reject(context, Challenge, "The service needs a key; send it once, as Authorization: Bearer KEY.");
        }

        if (ring.Find(header.AsSpan(Scheme.Length).Trim()) is not { } key)
        {
            return Reject(context, $"{Challenge}, error=\"invalid_token\"", "The key is not one of those that the service knows; ask its operator for a new one.");
        }

        diagnostics.Set("ApiKey", key.Name);
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("key", key.Name));
        using var lease = key.Rate?.AttemptAcquire();
        return lease is null or { IsAcquired: true }
            ? null
            : new ProblemResult(ProblemKind.RateLimited, "The key has had its requests of this second; send the request again after the time in Retry-After.");
    }

    private static ProblemResult Reject(HttpContext context, string challenge, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return new ProblemResult(ProblemKind.Unauthorized, detail);
    }
}
