using Microsoft.Extensions.Primitives;
using Mnist.Core.Admission;

namespace Mnist.Api.Kestrel;

/// <summary>Headers of every response, and those that protect pages in a browser.</summary>
internal static class ResponseHeaders
{
    public static readonly StringValues Close = "close";

    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues SameOrigin = "same-origin";

    /// <summary>Nothing from elsewhere, nothing inline, and never inside a frame.</summary>
    private static readonly StringValues ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>To be placed first. While the server drains, it also asks clients to close their connections.</summary>
    public static void UseResponseHeaders(this WebApplication app)
    {
        var admission = app.Services.GetRequiredService<AdmissionControl>();
        app.Use((context, next) =>
        {
            Apply(context);
            if (admission.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                // As late as possible: the error handler clears the headers.
                context.Response.OnStarting(SayClose, context.Response);
            }

            return next(context);
        });
    }

    private static Task SayClose(object response)
    {
        ((HttpResponse)response).Headers.Connection = Close;
        return Task.CompletedTask;
    }

    /// <summary>Called again for errors, because the error handler clears the headers.</summary>
    public static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.CacheControl = NoStore;
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers["Referrer-Policy"] = NoReferrer;
            headers["Cross-Origin-Opener-Policy"] = SameOrigin;
            headers["Cross-Origin-Resource-Policy"] = SameOrigin;
        }
    }
}
