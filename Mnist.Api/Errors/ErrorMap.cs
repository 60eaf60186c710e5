using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Mnist.Api.Kestrel;
using Mnist.Core.Requests;

namespace Mnist.Api.Errors;

/// <summary>Turns exceptions, and errors that the framework answers without a body, into problems.</summary>
internal static class ErrorMap
{
    public static void UseProblemDetails(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerAsync,
            SuppressDiagnosticsCallback = context => IsExpected(context.Exception),
        });
        app.UseStatusCodePages(context => Describe(context.HttpContext).ExecuteAsync(context.HttpContext));
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()!.Error;
        if (IsGone(exception))
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            context.Abort();
            return Task.CompletedTask;
        }

        if (exception is BadHttpRequestException)
        {
            // The start of the next request cannot be found, so the server closes the connection. A proxy must know, or it loses the request it sends next.
            context.Response.Headers.Connection = ResponseHeaders.Close;
        }

        return Describe(exception).ExecuteAsync(context);
    }

    private static bool IsExpected(Exception exception) =>
        exception is BadHttpRequestException or DeadlineExceededException or OperationCanceledException || IsGone(exception);

    /// <summary>Whether the client has gone: not an error of the server, and not counted as one.</summary>
    private static bool IsGone(Exception exception) => exception is ConnectionResetException or ConnectionAbortedException;

    private static ProblemResult Describe(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new ProblemResult(ProblemKind.BodyTooLarge, "The body is longer than the server takes; send fewer images, or smaller files."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            new ProblemResult(ProblemKind.TooSlow, "The body did not arrive at the least rate the server waits for; send it faster, or in smaller requests."),
        BadHttpRequestException { StatusCode: StatusCodes.Status431RequestHeaderFieldsTooLarge } =>
            new ProblemResult(
                ProblemKind.InvalidRequest with { Status = StatusCodes.Status431RequestHeaderFieldsTooLarge },
                "The trailers behind the body's chunks are longer than the server takes; send none."),
        BadHttpRequestException =>
            new ProblemResult(ProblemKind.InvalidRequest, "The body's framing is not valid HTTP; check Content-Length or the chunks."),
        DeadlineExceededException =>
            new ProblemResult(ProblemKind.DeadlinePassed, "The request waited too long and was dropped; send it again after the time in Retry-After."),
        OperationCanceledException =>
            new ProblemResult(ProblemKind.Draining, "The server stopped before the request was classified; send it again, to another server or later."),
        _ => new ProblemResult(ProblemKind.InternalError, "The request may be right; if it fails again, report the traceId."),
    };

    private static ProblemResult Describe(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound =>
            new ProblemResult(ProblemKind.NotFound, "Classification is POST /mnist/classify, reading a line POST /mnist/read; /openapi/v1.json describes every path."),
        StatusCodes.Status405MethodNotAllowed =>
            new ProblemResult(ProblemKind.MethodNotAllowed, $"The methods of this path are: {context.Response.Headers.Allow}."),
        int status => new ProblemResult(ProblemKind.InvalidRequest with { Status = status }, "The server's HTTP layer rejected the request."),
    };
}
