using System.Text.Json.Serialization;
using Mnist.Core.Batching;

namespace Mnist.Api.Operations;

/// <summary>Writes the responses of health checks and of the management port.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ModelReload))]
internal sealed partial class OperationsJson : JsonSerializerContext;

/// <summary>The response to a health check that succeeds.</summary>
/// <param name="Status">The check.</param>
/// <param name="ModelVersion">The version of the model that new requests get: the beginning of the SHA-256 of its weights file.</param>
public sealed record HealthReport(string Status, string? ModelVersion = null);
