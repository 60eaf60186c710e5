using System.Text.RegularExpressions;

namespace Mnist.Tests.Support;

/// <summary>What a test needs of a document.</summary>
internal static partial class Markdown
{
    /// <summary>The code blocks in their order.</summary>
    public static IReadOnlyList<(string Language, string Text)> Blocks(string document) =>
        [.. CodeBlock().Matches(document).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The links to files of the repository: path, empty for the document itself, and heading, empty for the whole file.</summary>
    public static IReadOnlyList<(string Path, string Anchor)> Links(string document) =>
        [.. Link().Matches(CodeBlock().Replace(document, string.Empty)).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The anchors that GitHub gives the headings: lower case, without punctuation, hyphens for spaces.</summary>
    public static IReadOnlyList<string> Anchors(string document) =>
        [.. Heading().Matches(CodeBlock().Replace(document, string.Empty)).Select(match =>
            Punctuation().Replace(match.Groups[1].Value, string.Empty).Replace(' ', '-').ToLowerInvariant())];

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\(([^):#]*)(?:#([\w-]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w -]")]
    private static partial Regex Punctuation();
}
