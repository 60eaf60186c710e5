using System.Text.Json.Serialization;

namespace Mnist.Core.Contract;

/// <summary>How responses are written. Requests are read by <see cref="ClassifyRequestReader"/>, which reports every fault instead of the first one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata | JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyResponse))]
[JsonSerializable(typeof(ReadResponse))]
public sealed partial class ContractJson : JsonSerializerContext;
