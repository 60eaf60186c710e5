using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Mnist.Client;

namespace Mnist.SystemTests.Documents;

/// <summary>The application of docs/guides/aspnet-client.md; <see cref="GuideTests"/> holds that each of its lines stands here, and runs it.</summary>
internal static class AspNetClientExample
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddMnistClient(options => builder.Configuration.Bind("Digits", options));
        var app = builder.Build();
        app.MapPost("/digit", async (HttpRequest request, MnistClient digits, CancellationToken cancellationToken) =>
        {
            try
            {
                var answer = await digits.ClassifyAsync(request.Body, new ClassifyOptions { Normalize = true, Reject = true }, cancellationToken);
                return answer.Digit == true ? Results.Ok(answer.Class) : Results.UnprocessableEntity(answer.Reason);
            }
            catch (MnistClientException failure) when (failure.ImageErrors.Count > 0)
            {
                return Results.UnprocessableEntity(failure.ImageErrors[0]);
            }
            catch (MnistClientException)
            {
                return Results.StatusCode(StatusCodes.Status502BadGateway);
            }
        });
        return app;
    }
}
