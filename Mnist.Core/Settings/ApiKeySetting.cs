using System.Text.RegularExpressions;

namespace Mnist.Core.Settings;

/// <summary>An API key. The settings hold only its hash, so that reading them does not give access.</summary>
public sealed partial class ApiKeySetting
{
    /// <summary>Name of the client, as logs and metrics show it.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>SHA-256 of the key's UTF-8 bytes, 64 hexadecimal digits. A fast hash is enough for a key that is random and long.</summary>
    public string Hash { get; init; } = string.Empty;

    /// <summary>Requests allowed per second; 0 for no limit.</summary>
    public int RequestsPerSecond { get; init; }

    internal bool HasName => NamePattern().IsMatch(Name);

    internal bool HasHash => HashPattern().IsMatch(Hash);

    /// <summary>Without the hash: an operator who set the key itself by mistake must not find it in an error message.</summary>
    public override string ToString() => $"the key '{(HasName ? Name : "?")}'";

    [GeneratedRegex(@"^[\w.-]{1,64}\z", RegexOptions.ECMAScript)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z")]
    private static partial Regex HashPattern();
}
