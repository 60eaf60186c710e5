using System.Text.RegularExpressions;

namespace Mnist.Tests.Readme;

/// <summary>What a test needs of a document.</summary>
internal static partial class Markdown
{
    /// <summary>The code blocks in their order.</summary>
    public static IReadOnlyList<(string Language, string Text)> Blocks(string document) =>
        [.. CodeBlock().Matches(document).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The paths of the repository that are linked, without what is behind a <c>#</c>.</summary>
    public static IReadOnlyList<string> Paths(string document) => [.. Link().Matches(document).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\(([^):#]+)(?:#[\w-]*)?\)")]
    private static partial Regex Link();
}
