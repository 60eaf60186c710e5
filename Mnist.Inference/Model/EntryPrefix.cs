namespace Mnist.Inference.Model;

/// <summary>Stores several networks in one weights file: each has the entry names of a file of its own, with a prefix.</summary>
internal static class EntryPrefix
{
    /// <summary>Adds the prefix to all names.</summary>
    public static IEnumerable<KeyValuePair<string, T>> Add<T>(string prefix, IEnumerable<KeyValuePair<string, T>> entries) =>
        entries.Select(entry => KeyValuePair.Create(prefix + entry.Key, entry.Value));

    /// <summary>Selects the entries with the prefix and removes it.</summary>
    public static Dictionary<string, T> Strip<T>(string prefix, IReadOnlyDictionary<string, T> entries) => entries
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal);
}
