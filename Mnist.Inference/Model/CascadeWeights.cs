using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>
/// Two networks in one weights file. The first stage runs the first network on every image; the second stage runs both as an ensemble on the
/// escalated images.
/// </summary>
/// <remarks>
/// The tensors and metadata of the first network have the names of a single network's file with the prefix <c>member1.</c>, those of the second
/// network with <c>member2.</c>. The metadata's <c>cascade</c> is JSON: <c>{"members":2,"threshold":0.98,"temperature":0.8,"views":5}</c>.
/// </remarks>
public sealed class CascadeWeights
{
    /// <summary>Key of the cascade's JSON in the file's metadata; a file without it holds a single network.</summary>
    private const string Key = "cascade";

    private static readonly string[] Prefixes = ["member1.", "member2."];

    private static readonly CascadeJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
    });

    /// <param name="first">Network of the first stage.</param>
    /// <param name="second">Network that the second stage adds; its architecture may differ, its input and classes may not.</param>
    /// <param name="rule">When images are escalated.</param>
    /// <exception cref="InvalidDataException">The networks differ in input shape or number of classes.</exception>
    public CascadeWeights(NetworkWeights first, NetworkWeights second, CascadeRule rule)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(rule);
        Stages = Task(first) == Task(second)
            ? [first, second]
            : throw new InvalidDataException($"member 2 maps {Task(second)}, expected {Task(first)} as member 1 does");
        Rule = rule;
    }

    /// <summary>The two networks, that of the first stage first.</summary>
    public IReadOnlyList<NetworkWeights> Stages { get; }

    /// <summary>When images are escalated.</summary>
    public CascadeRule Rule { get; }

    /// <summary>Writes the cascade atomically; an existing file is replaced only by a complete one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ood">The OOD detector to store with it; null for none.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">The architectures do not fit the file's header.</exception>
    public string Save(string path, OodWeights? ood = null) => SafeTensorsFile.Write(
        path,
        Stages.SelectMany((network, i) => EntryPrefix.Add(Prefixes[i], network.FileTensors())).Concat(ood?.FileTensors() ?? []),
        Stages.SelectMany((network, i) => EntryPrefix.Add(Prefixes[i], network.FileMetadata())).Prepend(KeyValuePair.Create(
            Key, JsonSerializer.Serialize(new Document(Stages.Count, Rule.Threshold, Rule.Temperature, CascadeRule.Shifts.Count), Json.Document)))
            .Concat(ood?.FileMetadata() ?? []));

    /// <returns>Null if the file holds a single network.</returns>
    /// <exception cref="InvalidDataException">The cascade is incomplete, or not one that this engine runs.</exception>
    internal static CascadeWeights? Parse(SafeTensorsFile file)
    {
        if (!file.Metadata.TryGetValue(Key, out string? json))
        {
            return null;
        }

        if (file.Metadata.ContainsKey(NetworkWeights.ArchitectureKey))
        {
            throw new InvalidDataException($"the metadata has both '{NetworkWeights.ArchitectureKey}' and '{Key}', expected one of them");
        }

        var rule = ParseRule(json);
        var first = ParseNetwork(file, 0);
        var second = ParseNetwork(file, 1);
        string? other = file.Tensors.Keys.FirstOrDefault(name => !Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
        return other is null
            ? new CascadeWeights(first, second, rule)
            : throw new InvalidDataException($"tensor '{other}' belongs to neither member, expected the prefix {string.Join(" or ", Prefixes)}");
    }

    private static NetworkWeights ParseNetwork(SafeTensorsFile file, int index)
    {
        try
        {
            return NetworkWeights.Parse(EntryPrefix.Strip(Prefixes[index], file.Tensors), EntryPrefix.Strip(Prefixes[index], file.Metadata));
        }
        catch (Exception error) when (error is InvalidDataException or InvalidArchitectureException)
        {
            throw new InvalidDataException($"member {index + 1}: {error.Message}", error);
        }
    }

    private static CascadeRule ParseRule(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, Json.Document) ?? throw new InvalidDataException($"'{Key}' is null");
            RequireEqual("members", document.Members, Prefixes.Length);
            RequireEqual("views", document.Views, CascadeRule.Shifts.Count);
            return new CascadeRule(document.Threshold, document.Temperature);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{Key}' is not valid JSON of a cascade: {error.Message}", error);
        }
    }

    private static void RequireEqual(string name, int found, int expected)
    {
        if (found != expected)
        {
            throw new InvalidDataException($"'{Key}' has {found} {name}, this engine runs cascades of {expected} {name} only");
        }
    }

    private static string Task(NetworkWeights network) => $"{network.Architecture.Input} to {network.Architecture.ClassCount} classes";

    internal sealed record Document(int Members, double Threshold, double Temperature, int Views);
}

[JsonSerializable(typeof(CascadeWeights.Document), TypeInfoPropertyName = "Document")]
internal sealed partial class CascadeJson : JsonSerializerContext;
