using System.Text.Json.Serialization;

namespace Mnist.Core.Requests;

/// <summary>Writes responses. Requests are read by <see cref="ClassifyRequestReader"/>, which reports every error instead of the first one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata | JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(ReadResponse))]
public sealed partial class ContractJson : JsonSerializerContext;
