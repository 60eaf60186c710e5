using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>
/// Several networks in one weights file: the first answers every image, all together answer those that the first is not sure of.
/// </summary>
/// <remarks>
/// Member N, counted from 1, has its tensors and its metadata under the names that they have in a file of its own, with <c>memberN.</c> before
/// them. The metadata's <c>cascade</c> is JSON: <c>{"members":3,"threshold":0.98,"temperature":0.8,"views":5}</c>.
/// </remarks>
public sealed class CascadeWeights
{
    public const int MinMembers = 2;

    public const int MaxMembers = 16;

    /// <summary>Key of the cascade's JSON in the file's metadata; a file without it holds a single network.</summary>
    private const string Key = "cascade";

    private static readonly CascadeJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
    });

    /// <param name="members">2 to 16 networks, of whatever architectures, for the same images and classes.</param>
    /// <param name="rule">When all are asked.</param>
    /// <exception cref="InvalidDataException">Too few or too many members, or members for different tasks.</exception>
    public CascadeWeights(IReadOnlyList<NetworkWeights> members, CascadeRule rule)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(rule);
        RequireCount(members.Count);
        string task = Task(members[0]);
        foreach (var (i, member) in members.Index())
        {
            if (Task(member) != task)
            {
                throw new InvalidDataException($"member {i + 1} maps {Task(member)}, expected {task} as member 1 does");
            }
        }

        Members = [.. members];
        Rule = rule;
    }

    public IReadOnlyList<NetworkWeights> Members { get; }

    public CascadeRule Rule { get; }

    /// <summary>Writes the cascade atomically; an existing file is replaced only by a complete one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reject">What tells digits from other images, if the file is to have it.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">The architectures are too many for the file's header.</exception>
    public string Save(string path, OodWeights? reject = null) => SafeTensorsFile.Write(
        path,
        Members.SelectMany((member, i) => EntryPrefix.Add(Prefix(i), member.FileTensors())).Concat(reject?.FileTensors() ?? []),
        Members.SelectMany((member, i) => EntryPrefix.Add(Prefix(i), member.FileMetadata())).Prepend(KeyValuePair.Create(
            Key, JsonSerializer.Serialize(new Document(Members.Count, Rule.Threshold, Rule.Temperature, Rule.Views), Json.Document)))
            .Concat(reject?.FileMetadata() ?? []));

    internal static bool IsIn(SafeTensorsFile file) => file.Metadata.ContainsKey(Key);

    /// <exception cref="WeightsException">The file does not hold a cascade; one line with path and reason.</exception>
    internal static CascadeWeights FromFile(string path, SafeTensorsFile file) => WeightsException.Locate(path, () => Parse(file));

    private static CascadeWeights Parse(SafeTensorsFile file)
    {
        if (file.Metadata.ContainsKey(NetworkWeights.ArchitectureKey))
        {
            throw new InvalidDataException($"the metadata has both '{NetworkWeights.ArchitectureKey}' and '{Key}', expected one of them");
        }

        var document = ParseDocument(file.Metadata[Key]);
        RequireCount(document.Members);
        var rule = new CascadeRule(document.Threshold, document.Temperature, document.Views);
        var members = new List<NetworkWeights>();
        int tensors = 0;
        for (int i = 0; i < document.Members; i++)
        {
            var own = EntryPrefix.Strip(Prefix(i), file.Tensors);
            tensors += own.Count;
            members.Add(ParseMember(i, own, EntryPrefix.Strip(Prefix(i), file.Metadata)));
        }

        // No name has two members' prefixes: a sum that is right leaves no tensor out.
        return tensors == file.Tensors.Count
            ? new CascadeWeights(members, rule)
            : throw new InvalidDataException($"tensor '{file.Tensors.Keys.First(BelongsToNone)}' is part of none of the {members.Count} members");

        bool BelongsToNone(string name) => !Enumerable.Range(0, members.Count).Any(i => name.StartsWith(Prefix(i), StringComparison.Ordinal));
    }

    private static NetworkWeights ParseMember(int index, Dictionary<string, WeightTensor> tensors, Dictionary<string, string> metadata)
    {
        try
        {
            return NetworkWeights.Parse(tensors, metadata);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidArchitectureException)
        {
            throw new InvalidDataException($"member {index + 1}: {error.Message}", error);
        }
    }

    private static Document ParseDocument(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Json.Document) ?? throw new InvalidDataException($"'{Key}' is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{Key}' is not valid JSON of a cascade: {error.Message}", error);
        }
    }

    private static void RequireCount(int members)
    {
        if (members is < MinMembers or > MaxMembers)
        {
            throw new InvalidDataException($"found {members} members, expected {MinMembers} to {MaxMembers}");
        }
    }

    private static string Task(NetworkWeights member) => $"{member.Architecture.Input} to {member.Architecture.ClassCount} classes";

    private static string Prefix(int index) => $"member{index + 1}.";

    internal sealed record Document(int Members, double Threshold, double Temperature, int Views);
}

[JsonSerializable(typeof(CascadeWeights.Document), TypeInfoPropertyName = "Document")]
internal sealed partial class CascadeJson : JsonSerializerContext;
