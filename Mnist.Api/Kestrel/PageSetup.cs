using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mnist.Api.Kestrel;

/// <summary>The page at <c>/</c> that people draw on: the files of <c>wwwroot</c>, which the build puts beside the application.</summary>
internal static class PageSetup
{
    /// <summary>Browsers cache the files, but revalidate their ETag each time: page and server change together.</summary>
    private static readonly StringValues Revalidate = "no-cache";

    public static void UsePage(this WebApplication app)
    {
        var files = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = Revalidate });
    }
}
