using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Mnist.Api.Hosting;

/// <summary>The page at <c>/</c> that people draw on: the files of <c>wwwroot</c>, which the build puts beside the application.</summary>
internal static class PageSetup
{
    /// <summary>Browsers keep the files, but ask each time whether their ETag is still right: page and server change together.</summary>
    private static readonly StringValues AskFirst = "no-cache";

    public static void UsePage(this WebApplication app)
    {
        var files = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = AskFirst });
    }
}
