using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.Inference.Model;

namespace Mnist.Training;

/// <summary>JSON of the options, for recipes, checkpoints and reports.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(ArchitectureConverter)])]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingOptionsJson : JsonSerializerContext;

/// <summary>Writes an architecture as in weights files; reads the same or the name of an architecture.</summary>
public sealed class ArchitectureConverter : JsonConverter<NetworkArchitecture>
{
    public override NetworkArchitecture Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Architectures.ByName.TryGetValue(reader.GetString()!, out var named) ? named : throw new InvalidArchitectureException(
                $"the architecture '{reader.GetString()}' is none of {string.Join(", ", Architectures.ByName.Keys)}");
        }

        using var document = JsonDocument.ParseValue(ref reader);
        return NetworkArchitecture.Parse(document.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, NetworkArchitecture value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToJson());
}
