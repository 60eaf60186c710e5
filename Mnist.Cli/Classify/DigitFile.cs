using System.Text.RegularExpressions;

namespace Mnist.Cli.Classify;

/// <summary>A file to classify.</summary>
/// <param name="Path">The path, as the user gave it.</param>
/// <param name="Label">The true digit, where the name tells it.</param>
internal sealed partial record DigitFile(string Path, int? Label)
{
    /// <summary>The extensions that <see cref="InFolder"/> takes.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    public static DigitFile Of(string path) => new(path, LabelIn(System.IO.Path.GetFileName(path)));

    /// <summary>The image files directly in a folder, in the order in which a person counts: 2.png before 10.png.</summary>
    public static IReadOnlyList<DigitFile> InFolder(string folder)
        => [.. Directory.EnumerateFiles(folder)
            .Where(path => Extensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .OrderBy(NaturalKey, StringComparer.OrdinalIgnoreCase)
            .ThenBy(path => path, StringComparer.Ordinal)
            .Select(Of)];

    // 7_00042.png, 7-scan.png and 7.png show a seven; 70.png and seven.png tell nothing.
    private static int? LabelIn(string name) => name is [>= '0' and <= '9', '_' or '-' or '.', ..] ? name[0] - '0' : null;

    // Numbers of the same length sort like text. Culture-aware numeric ordering is not there when globalization is invariant.
    private static string NaturalKey(string path) => Number().Replace(path, number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
