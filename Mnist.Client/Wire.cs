using System.Text.Json.Serialization;

namespace Mnist.Client;

// The JSON contract as the client sees it. Members that it does not know are skipped: the service may add some.
internal sealed record ClassifyRequest(IEnumerable<RequestImage> Requests);

internal sealed record RequestImage(byte[] Image);

internal sealed record ClassifyResponse(IReadOnlyList<Classification?> Responses);

/// <summary>Problem details of RFC 9457 with the extensions that the service uses.</summary>
internal sealed record Problem(
    string? Type = null,
    string? Title = null,
    string? Detail = null,
    string? TraceId = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class WireJson : JsonSerializerContext;
