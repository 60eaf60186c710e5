using System.Text.RegularExpressions;

namespace Mnist.Core;

/// <summary>A key that opens the service. The settings hold only its hash: who reads them cannot use it.</summary>
public sealed partial class ApiKeySetting
{
    /// <summary>Who has the key: what logs and metrics say.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 hexadecimal digits. A fast hash is enough for a key that is random and long.</summary>
    public string Hash { get; init; } = string.Empty;

    /// <summary>How many requests may come in a second; 0: any number.</summary>
    public int RequestsPerSecond { get; init; }

    internal bool HasName => NamePattern().IsMatch(Name);

    internal bool HasHash => HashPattern().IsMatch(Hash);

    /// <summary>Never the hash: who takes it for the key itself and sets that must not find it in an error message.</summary>
    public override string ToString() => $"the key '{(HasName ? Name : "?")}'";

    [GeneratedRegex(@"^[\w.-]{1,64}\z", RegexOptions.ECMAScript)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z")]
    private static partial Regex HashPattern();
}
