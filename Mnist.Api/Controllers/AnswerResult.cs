using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mnist.Api.Errors;
using Mnist.Api.Kestrel;
using Mnist.Core.Requests;

namespace Mnist.Api.Controllers;

/// <summary>Writes what a use case gives: the answer as JSON, with the model's version and the timings as headers, or the validation errors as a problem.</summary>
internal static class AnswerResult
{
    public const string ModelVersionHeader = "Mnist-Model-Version";

    /// <param name="result">The result.</param>
    /// <param name="type">How the answer is written.</param>
    public static IResult Of<T>(Result<Answer<T>> result, JsonTypeInfo<T> type) =>
        result.TryGetAnswer(out var answer, out var errors) ? new JsonAnswer<T>(answer, type) : ProblemResult.Of(errors);

    private sealed class JsonAnswer<T>(Answer<T> answer, JsonTypeInfo<T> type) : IResult
    {
        private const string ContentType = "application/json; charset=utf-8";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            headers[ModelVersionHeader] = answer.ModelVersion;
            var (decode, queue, inference) = answer.Timings;

            // In milliseconds, as the specification of the header says.
            headers["Server-Timing"] = string.Create(
                CultureInfo.InvariantCulture,
                $"decode;dur={decode.TotalMilliseconds:0.###}, queue;dur={queue.TotalMilliseconds:0.###}, inference;dur={inference.TotalMilliseconds:0.###}");
            return JsonBody.WriteAsync(httpContext.Response, ContentType, JsonSerializer.SerializeToUtf8Bytes(answer.Response, type));
        }
    }
}
