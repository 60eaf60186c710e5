using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mnist.Api.Controllers;

/// <summary>An answer of status 200.</summary>
/// <param name="value">Its body.</param>
/// <param name="type">How it is written.</param>
internal sealed class JsonAnswer<T>(T value, JsonTypeInfo<T> type) : IResult
{
    private const string ContentType = "application/json; charset=utf-8";

    public Task ExecuteAsync(HttpContext httpContext) => JsonBody.WriteAsync(httpContext.Response, ContentType, JsonSerializer.SerializeToUtf8Bytes(value, type));
}
