using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>
/// Weights of the out-of-distribution detector, a small network of two classes (digit, other), and its rule. They are stored in the weights file of
/// the network or cascade that classifies the digits.
/// </summary>
/// <remarks>
/// Tensors and metadata have the names of a single network's file with the prefix <c>reject.</c>. The metadata's <c>reject</c> is JSON:
/// <c>{"threshold":-1.5,"min_probability":0.5}</c>, see <see cref="OodRule"/>.
/// </remarks>
public sealed class OodWeights
{
    /// <summary>Classes of the network: digit, other.</summary>
    internal const int ClassCount = 2;

    /// <summary>Key of the rule's JSON in the file's metadata; a file without it has no detector.</summary>
    private const string Key = "reject";

    private const string Prefix = Key + ".";

    private static readonly OodJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
    });

    /// <param name="network">Two classes: digit, other.</param>
    /// <param name="rule">When an image counts as a digit.</param>
    /// <exception cref="InvalidDataException">The network has another number of classes.</exception>
    public OodWeights(NetworkWeights network, OodRule rule)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rule);
        Network = network.Architecture.ClassCount == ClassCount
            ? network
            : throw new InvalidDataException($"the network has {network.Architecture.ClassCount} classes, expected {ClassCount}: digit, other");
        Rule = rule;
    }

    /// <summary>The network: two classes, digit and other.</summary>
    public NetworkWeights Network { get; }

    /// <summary>When an image counts as a digit.</summary>
    public OodRule Rule { get; }

    /// <returns>Null if the file has no detector.</returns>
    /// <exception cref="InvalidDataException">The detector is incomplete, or not one that this engine runs.</exception>
    internal static OodWeights? Parse(SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Key, out string? json))
        {
            return null;
        }

        try
        {
            var document = JsonSerializer.Deserialize(json, Json.Document) ?? throw new InvalidDataException("is null");
            var network = NetworkWeights.Parse(EntryPrefix.Strip(Prefix, file.Tensors), EntryPrefix.Strip(Prefix, file.Metadata));
            return new OodWeights(network, new OodRule(document.Threshold, document.MinProbability));
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or InvalidArchitectureException)
        {
            throw new InvalidDataException($"'{Key}': {error.Message}", error);
        }
    }

    /// <summary>The file without its detector: the network or cascade alone.</summary>
    internal static SafeTensorsFile Without(SafeTensorsFile file) =>
        file.Metadata.ContainsKey(Key) ? file.Without(name => name == Key || name.StartsWith(Prefix, StringComparison.Ordinal)) : file;

    internal IEnumerable<KeyValuePair<string, WeightTensor>> FileTensors() => EntryPrefix.Add(Prefix, Network.FileTensors());

    internal IEnumerable<KeyValuePair<string, string>> FileMetadata() => EntryPrefix.Add(Prefix, Network.FileMetadata())
        .Prepend(KeyValuePair.Create(Key, JsonSerializer.Serialize(new Document(Rule.Threshold, Rule.MinProbability), Json.Document)));

    internal sealed record Document(double Threshold, double MinProbability);
}

[JsonSerializable(typeof(OodWeights.Document), TypeInfoPropertyName = "Document")]
internal sealed partial class OodJson : JsonSerializerContext;
