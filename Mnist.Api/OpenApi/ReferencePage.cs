using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace Mnist.Api.OpenApi;

/// <summary>The interactive API reference at <c>/reference</c>, in development only. All it needs is served from here.</summary>
internal static class ReferencePage
{
    private const string Path = "/reference";

    public static void MapReference(this WebApplication app)
    {
        if (app.Environment.IsDevelopment())
        {
            app.MapScalarApiReference(Path, Configure).AllowAnonymous();
        }
    }

    private static void Configure(ScalarOptions options, HttpContext context)
    {
        // The page begins with a script inside itself, and its components bring their styles along.
        string nonce = RandomNumberGenerator.GetHexString(32, lowercase: true);
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        options.WithTitle("Mnist").WithNonce(nonce).DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp();
        options.HideClientButton = true;
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
    }
}
