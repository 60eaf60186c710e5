using System.CommandLine;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mnist.Benchmarks.Http;

/// <summary><c>constant</c>: a minimal server that reads the body and sends a constant response. Shows the cost of HTTP alone.</summary>
internal static class ConstantServer
{
    public const string CommandName = "constant";

    public static byte[] Response { get; } = Encoding.ASCII.GetBytes("""{"responses":[{"class":7,"probability":0.9998264}]}""");

    public static Command Create()
    {
        var url = new Option<string>("--urls") { Description = "The address to listen on.", Required = true };
        var command = new Command(CommandName, "Serves a constant response; `http` starts it as a peer.") { url };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(url)!));
        return command;
    }

    private static async Task RunAsync(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.Run(RespondAsync);
        await app.RunAsync();
    }

    private static async Task RespondAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (await reader.ReadAsync(context.RequestAborted) is var result)
        {
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Response.Length;
        await context.Response.Body.WriteAsync(Response, context.RequestAborted);
    }
}
