using System.Text.RegularExpressions;

namespace Mnist.Cli.Commands.Classify;

/// <summary>An image file to classify.</summary>
/// <param name="Path">The path as given by the user.</param>
/// <param name="Label">The true digit from the file name; null: unknown.</param>
internal sealed partial record DigitFile(string Path, int? Label)
{
    /// <summary>The extensions that <see cref="InFolder"/> accepts.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    public static DigitFile Of(string path) => new(path, LabelIn(System.IO.Path.GetFileName(path)));

    /// <summary>The image files in a folder, without its subfolders, in natural order: 2.png before 10.png.</summary>
    public static IReadOnlyList<DigitFile> InFolder(string folder)
        => [.. Directory.EnumerateFiles(folder)
            .Where(path => Extensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .OrderBy(NaturalKey, StringComparer.OrdinalIgnoreCase)
            .ThenBy(path => path, StringComparer.Ordinal)
            .Select(Of)];

    // 7_00042.png, 7-scan.png and 7.png have the label 7; 70.png and seven.png have none.
    private static int? LabelIn(string name) => name is [>= '0' and <= '9', '_' or '-' or '.', ..] ? name[0] - '0' : null;

    // Pads numbers to the same length, so that they sort as text. Invariant globalization has no numeric ordering.
    private static string NaturalKey(string path) => Number().Replace(path, number => number.Value.PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
