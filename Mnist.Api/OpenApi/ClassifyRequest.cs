using System.Text.Json.Serialization;

namespace Mnist.Api.OpenApi;

/// <summary>Schema of a request body. <see cref="Core.Requests.ClassifyRequestReader"/> reads it, without this type.</summary>
/// <param name="Requests">The images.</param>
internal sealed record ClassifyRequest(IReadOnlyList<ClassifyRequestItem> Requests);

/// <summary>One image to classify: the bytes of an image file, in base64.</summary>
internal sealed record ClassifyRequestItem(byte[] Image);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClassifyRequest))]
internal sealed partial class RequestSchemaJson : JsonSerializerContext;
