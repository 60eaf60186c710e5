using System.CommandLine;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mnist.Benchmarks.Http;

/// <summary><c>constant</c>: what HTTP alone costs. The least server there can be: it reads the body and answers with a constant, without a log, a check or a header of its own.</summary>
internal static class ConstantServer
{
    public const string CommandName = "constant";

    public static byte[] Answer { get; } = Encoding.ASCII.GetBytes("""{"responses":[{"class":7,"probability":0.9998264}]}""");

    public static Command Create()
    {
        var url = new Option<string>("--urls") { Description = "Where it listens.", Required = true };
        var command = new Command(CommandName, "Serves a constant: the peer that `http` starts by itself.") { url };
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
        app.Run(AnswerAsync);
        await app.RunAsync();
    }

    private static async Task AnswerAsync(HttpContext context)
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
        context.Response.ContentLength = Answer.Length;
        await context.Response.Body.WriteAsync(Answer, context.RequestAborted);
    }
}
