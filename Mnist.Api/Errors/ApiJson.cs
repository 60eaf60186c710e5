using System.Text.Json.Serialization;
using Mnist.Api.Controllers;
using Mnist.Core.Batching;

namespace Mnist.Api.Errors;

/// <summary>How the bodies that are not part of the classification itself are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ModelReload))]
internal sealed partial class ApiJson : JsonSerializerContext;
