using System.Text;
using Mnist.Api.Controllers;
using Mnist.Core;

namespace Mnist.Api.Hosting;

/// <summary>
/// Sends the digits of the self-test the way of a request before the port opens, from the first middleware to the bytes of the answer: what cannot
/// work fails at start, and no client waits for the compiler.
/// </summary>
internal sealed class WarmUp(MnistOptions options, IServiceScopeFactory scopes)
{
    private const string Mark = "Mnist.WarmUp";

    private RequestDelegate? _pipeline;

    /// <summary>Whether a request is a part of the warm-up, which is no client's.</summary>
    public static bool Includes(HttpContext context) => context.Items.ContainsKey(Mark);

    /// <param name="app">Complete.</param>
    public void Use(IApplicationBuilder app) => _pipeline = app.Build();

    /// <exception cref="InvalidOperationException">A request was not answered as it must be.</exception>
    public async Task RunAsync()
    {
        foreach (byte[] body in SelfTest.RequestBodies(options.MaxImagesPerRequest))
        {
            await SendAsync(body);
        }
    }

    private async Task SendAsync(byte[] body)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Items[Mark] = true;
        context.Request.Method = HttpMethods.Post;
        context.Request.Path = ClassifyController.Path;
        context.Request.ContentType = MediaTypeGate.Json;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        context.Response.Body = answer;
        await _pipeline!(context);

        // 503: slower than the deadline that the operator set. That is not the start's to judge.
        if (context.Response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status503ServiceUnavailable))
        {
            throw new InvalidOperationException($"the warm-up request was answered with {context.Response.StatusCode}: {Encoding.UTF8.GetString(answer.ToArray())}");
        }
    }
}
