using System.Text.Json.Serialization;

namespace Mnist.Client;

// The JSON contract as the client sees it. Members that it does not know are skipped: the service may add some.
internal sealed record ClassifyRequest(IEnumerable<RequestImage> Requests);

internal sealed record RequestImage(byte[] Image);

internal sealed record Responses<T>([property: JsonPropertyName("responses")] IReadOnlyList<T?> Items)
    where T : class;

/// <summary>Problem details of RFC 9457 with the extensions that the service uses.</summary>
internal sealed record Problem(
    string? Type = null,
    string? Title = null,
    string? Detail = null,
    string? TraceId = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null)
{
    /// <summary>The same, with the images named by their places in a list of which the request was the piece from <paramref name="start"/> on.</summary>
    public Problem Shift(int start) => this with
    {
        Detail = Detail is null ? null : ImagePath.Shift(Detail, start),
        Errors = Collect(Errors?.Where(error => error.Value is not null).Select(error => KeyValuePair.Create(ImagePath.Shift(error.Key, start), error.Value)) ?? []),
    };

    /// <summary>The problems of several requests as one: the first one's words with the details and errors of all.</summary>
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
