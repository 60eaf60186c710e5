using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>
/// A small network that tells digits from other images, in the weights file of the network or cascade that reads them, and when an image is refused.
/// </summary>
/// <remarks>
/// Its tensors and its metadata have the names of a file of its own, with <c>reject.</c> before them. The metadata's <c>reject</c> is JSON:
/// <c>{"threshold":-1.5,"min_probability":0.5}</c>, see <see cref="OodRule"/>.
/// </remarks>
public sealed class OodWeights
{
    /// <summary>Key of the rule's JSON in the file's metadata; a file without it refuses nothing.</summary>
    private const string Key = "reject";

    private const string Prefix = Key + ".";

    private static readonly OodJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
    });

    /// <param name="network">Its last class is "no digit", all before it are digits.</param>
    /// <param name="rule">When an image is refused.</param>
    /// <exception cref="InvalidDataException">The network has a single class.</exception>
    public OodWeights(NetworkWeights network, OodRule rule)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rule);
        Network = network.Architecture.ClassCount >= 2
            ? network
            : throw new InvalidDataException($"a network of {network.Architecture.ClassCount} class, expected at least 2");
        Rule = rule;
    }

    public NetworkWeights Network { get; }

    public OodRule Rule { get; }

    /// <summary>What the file holds besides.</summary>
    internal static SafeTensorsFile Without(SafeTensorsFile file) =>
        file.Metadata.ContainsKey(Key) ? file.Without(name => name == Key || name.StartsWith(Prefix, StringComparison.Ordinal)) : file;

    /// <exception cref="WeightsException">What the file holds is not whole; one line with path and reason.</exception>
    internal static OodWeights? FromFile(string path, SafeTensorsFile file) =>
        file.Metadata.TryGetValue(Key, out string? json) ? WeightsException.Locate(path, () => Parse(file, json)) : null;

    internal IEnumerable<KeyValuePair<string, WeightTensor>> FileTensors() => EntryPrefix.Add(Prefix, Network.FileTensors());

    internal IEnumerable<KeyValuePair<string, string>> FileMetadata() => EntryPrefix.Add(Prefix, Network.FileMetadata())
        .Prepend(KeyValuePair.Create(Key, JsonSerializer.Serialize(new Document(Rule.Threshold, Rule.MinProbability), Json.Document)));

    private static OodWeights Parse(SafeTensorsFile file, string json)
    {
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

    internal sealed record Document(double Threshold, double MinProbability);
}

[JsonSerializable(typeof(OodWeights.Document), TypeInfoPropertyName = "Document")]
internal sealed partial class OodJson : JsonSerializerContext;
