using System.Text;
using Mnist.Api.Intake;
using Mnist.Api.Kestrel;
using Mnist.Core.Models;
using Mnist.Core.Settings;

namespace Mnist.Api.Operations;

/// <summary>
/// Classifies the digits of the self-test through the whole pipeline before the port opens, from the first middleware to the bytes of the response: what
/// cannot work fails at start, and no client waits for the JIT compiler.
/// </summary>
internal sealed class WarmUp(MnistOptions options, IServiceScopeFactory scopes)
{
    private const string Mark = "Mnist.WarmUp";

    private RequestDelegate? _pipeline;

    /// <summary>Whether a request belongs to the warm-up.</summary>
    public static bool Includes(HttpContext context) => context.Items.ContainsKey(Mark);

    /// <param name="app">The complete pipeline.</param>
    public void Use(IApplicationBuilder app) => _pipeline = app.Build();

    /// <exception cref="InvalidOperationException">A request failed.</exception>
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
        context.Request.Path = AdmissionGate.ClassifyPath;
        context.Request.ContentType = JsonBody.MediaType;
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body);
        context.Response.Body = answer;
        await _pipeline!(context);

        // 503: slower than the configured deadline, which is no reason not to start.
        if (context.Response.StatusCode is not (StatusCodes.Status200OK or StatusCodes.Status503ServiceUnavailable))
        {
            throw new InvalidOperationException($"the warm-up request was answered with {context.Response.StatusCode}: {Encoding.UTF8.GetString(answer.ToArray())}");
        }
    }
}
