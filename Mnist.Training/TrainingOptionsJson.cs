using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Inference;

namespace Mnist.Training;

/// <summary>Options as JSON, in checkpoints and reports.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(ArchitectureConverter)])]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingOptionsJson : JsonSerializerContext;

/// <summary>An architecture in the form that weights files have it in.</summary>
public sealed class ArchitectureConverter : JsonConverter<NetworkArchitecture>
{
    public override NetworkArchitecture Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return NetworkArchitecture.Parse(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, NetworkArchitecture value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToJson());
}
