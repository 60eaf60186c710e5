using System.Globalization;
using System.Text.RegularExpressions;

namespace Mnist.Client;

/// <summary>The path by which problem details name an image: <c>requests[3].image</c>.</summary>
internal static partial class ImagePath
{
    public static string Of(int index) => string.Create(CultureInfo.InvariantCulture, $"requests[{index}].image");

    /// <summary>The index of the image; null if the path names something else.</summary>
    public static int? IndexIn(string path)
        => Pattern().Match(path) is { Success: true, Index: 0 } match ? Number(match) : null;

    /// <summary>Adds <paramref name="start"/> to every image index in a text.</summary>
    public static string Shift(string text, int start)
        => Pattern().Replace(text, match => string.Create(CultureInfo.InvariantCulture, $"requests[{Number(match) + start}]"));

    private static int Number(Match match) => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"requests\[(0|[1-9][0-9]{0,7})\]", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
