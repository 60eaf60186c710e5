using System.Text.Json.Serialization;

namespace Mnist.Client;

// The JSON contract, as far as the client uses it. Unknown members are ignored, so that the service can add some.
internal sealed record ClassifyRequest(IEnumerable<RequestImage> Requests);

internal sealed record RequestImage(byte[] Image);

internal sealed record Responses<T>([property: JsonPropertyName("responses")] IReadOnlyList<T?> Items)
    where T : class;

/// <summary>Problem details (RFC 9457) with the service's extension members.</summary>
internal sealed record Problem(
    string? Type = null,
    string? Title = null,
    string? Detail = null,
    string? TraceId = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null)
{
    /// <summary>Adds <paramref name="start"/> to every image index: from an index in the request to an index in the caller's list.</summary>
    public Problem Shift(int start) => this with
    {
        Detail = Detail is null ? null : ImagePath.Shift(Detail, start),
        Errors = Collect(Errors?.Where(error => error.Value is not null).Select(error => KeyValuePair.Create(ImagePath.Shift(error.Key, start), error.Value)) ?? []),
    };

    /// <summary>Merges the problems of several requests: type and title of the first, details and errors of all.</summary>
    public static Problem Merge(IReadOnlyList<Problem> problems) => problems[0] with
    {
        Detail = string.Join(' ', problems.Select(problem => problem.Detail).OfType<string>().Distinct()) is { Length: > 0 } details ? details : null,
        Errors = Collect(problems.SelectMany(problem => problem.Errors ?? new Dictionary<string, IReadOnlyList<string>>())),
    };

    private static Dictionary<string, IReadOnlyList<string>> Collect(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> errors)
        => errors.GroupBy(error => error.Key, error => error.Value).ToDictionary(path => path.Key, IReadOnlyList<string> (path) => [.. path.SelectMany(messages => messages)]);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(Responses<Classification>))]
[JsonSerializable(typeof(Responses<Reading>))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class WireJson : JsonSerializerContext;
