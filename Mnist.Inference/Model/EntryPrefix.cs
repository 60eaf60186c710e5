namespace Mnist.Inference.Model;

/// <summary>Several networks in one weights file: each has the names of a file of its own, with a prefix before them.</summary>
internal static class EntryPrefix
{
    /// <summary>The entries with the prefix before their names.</summary>
    public static IEnumerable<KeyValuePair<string, T>> Add<T>(string prefix, IEnumerable<KeyValuePair<string, T>> entries) =>
        entries.Select(entry => KeyValuePair.Create(prefix + entry.Key, entry.Value));

    /// <summary>The entries with the prefix, without it.</summary>
    public static Dictionary<string, T> Strip<T>(string prefix, IReadOnlyDictionary<string, T> entries) => entries
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
}
