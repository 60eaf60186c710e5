using Mnist.Training.Data;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Training.Synthesis.Lines;

/// <summary>A simulated photo of a line of digits.</summary>
/// <param name="File">The image file.</param>
/// <param name="Text">The digits on it, from left to right.</param>
internal sealed record LinePhoto(byte[] File, string Text);

/// <summary>Composes photos of lines of digits with random size, spacing, slant, paper, light and camera.</summary>
internal static class LineComposer
{
    private static readonly Func<Scene, Random, Scene>[] Papers =
    [
        (scene, _) => scene,
        (scene, random) => scene with { Paper = Colour.Grey(Between(random, 0.55, 0.9)), Ink = Colour.Grey(Between(random, 0, 0.2)), Shading = Between(random, 0.1, 0.5) * scene.Height / scene.Width },
        (scene, random) => scene with { Paper = new Colour(0.15, 0.25, 0.2), Ink = Colour.Grey(Between(random, 0.6, 0.9)) },
        (scene, random) => scene with { Paper = new Colour(0.96, 0.95, 0.88), Ink = new Colour(0.1, 0.15, 0.6), Shadow = Between(random, 0.1, 0.35) },
        (scene, random) => scene with { Paper = Colour.Grey(0.95), Ink = Colour.Grey(0.1), Line = new Colour(0.75, 0.85, 0.95), Ruling = Between(random, 0.3, 0.5) },
    ];

    /// <summary>Photographs a line.</summary>
    /// <param name="digits">The digits, from left to right.</param>
    /// <param name="touching">Whether one pair of neighbours touches.</param>
    /// <param name="random">Source of all random values.</param>
    public static LinePhoto Photograph(DigitDataset digits, bool touching, Random random)
    {
        // In pixels of the photo.
        double size = Between(random, 24, 72);
        double spacing = Between(random, 0.15, 0.5);
        int pair = touching ? random.Next(digits.Count - 1) : -1;
        List<(InkGlyph Glyph, double Left, double Size)> placed = [];
        double right = 0;
        for (int i = 0; i < digits.Count; i++)
        {
            var glyph = InkGlyph.Of(digits.Image(i).ToArray());
            double own = size * Between(random, 0.85, 1.15);
            double scale = own / glyph.Size;
            double left = i == 0 ? 0
                : i - 1 == pair ? Touch(placed[^1], glyph, scale) - (size * Between(random, 0.01, 0.04))
                : right + (size * spacing * Between(random, 0.7, 1.3));
            placed.Add((glyph, left, own));
            right = Math.Max(right, left + (scale * Width(glyph)));
        }

        int height = (int)(size / Between(random, 0.4, 0.7));
        int width = (int)(right + (size * Between(random, 1, 2)));
        var scene = new Scene
        {
            Width = width,
            Height = height,
            Glyphs = [.. placed.Select((digit, i) => new PlacedGlyph(
                digit.Glyph,
                (digit.Left + (digit.Size / digit.Glyph.Size * Width(digit.Glyph) / 2) - (right / 2)) / height,
                i - 1 == pair || i == pair ? 0 : Between(random, -0.06, 0.06) * size / height,
                digit.Size / height))],
            Rotation = Between(random, -2, 2) * Math.Min(1, 5.0 / digits.Count),
            Slant = Between(random, -0.15, 0.25),
            Blur = Between(random, 0.4, 0.8),
            Noise = Between(random, 1, 4),
            JpegQuality = random.Next(70, 95),
        };
        return new LinePhoto(Papers[random.Next(Papers.Length)](scene, random).Photograph(random), string.Concat(digits.Labels.ToArray()));
    }

    /// <summary>The left side of a glyph whose ink touches that of the glyph before.</summary>
    private static double Touch((InkGlyph Glyph, double Left, double Size) before, InkGlyph glyph, double scale)
    {
        double nearest = double.MaxValue;
        double beforeScale = before.Size / before.Glyph.Size;
        for (double y = -before.Size / 2; y < before.Size / 2; y += Math.Min(scale, beforeScale))
        {
            if (Extent(before.Glyph, y / beforeScale) is { } one && Extent(glyph, y / scale) is { } other)
            {
                nearest = Math.Min(nearest, (scale * other.First) - (beforeScale * one.Last));
            }
        }

        // If no row has ink of both, their boxes touch.
        return before.Left - (nearest < double.MaxValue ? nearest : -beforeScale * Width(before.Glyph));
    }

    /// <summary>First and last ink pixel, counted from the left side of the box, of the row <paramref name="down"/> pixels below the glyph's middle.</summary>
    private static (int First, int Last)? Extent(InkGlyph glyph, double down)
    {
        var (left, top, right, bottom) = glyph.Box;
        int[] ink = [.. Enumerable.Range(left, right - left).Where(x => glyph.Coverage(x + 0.5, down + ((top + bottom) / 2.0)) > 0.5f)];
        return ink.Length > 0 ? (ink[0] - left, ink[^1] + 1 - left) : null;
    }

    private static int Width(InkGlyph glyph) => glyph.Box.Right - glyph.Box.Left;

    private static double Between(Random random, double low, double high) => low + ((high - low) * random.NextDouble());
}
