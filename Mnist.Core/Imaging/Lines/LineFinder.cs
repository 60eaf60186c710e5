using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>The line of digits on a picture.</summary>
/// <param name="Shapes">All ink.</param>
/// <param name="Taken">Which of it is the line: digits, parts of digits and dirt.</param>
/// <param name="DigitHeight">The height of the line's digits in pixels.</param>
/// <param name="Contrast">What the ink has on average, in grey levels.</param>
internal sealed record FoundLine(InkShapes Shapes, IReadOnlyList<InkShape> Taken, double DigitHeight, float Contrast);

/// <summary>Decides which ink on a picture is a line of digits, and takes it to pieces.</summary>
internal static class LineFinder
{
    /// <summary>Height over width of the flattest shape that tells how high digits are; ten digits that touch are higher.</summary>
    private const double Flattest = 0.1;

    /// <summary>The height of the tallest digit over that of the line's digits.</summary>
    private const double Tallest = 2;

    /// <summary>A digit at the edge of the picture has at least this share of the height of the line's digits; what has less is cut off, or no digit.</summary>
    private const double WholeAtEdge = 0.8;

    /// <summary>A part of a digit has at least this share of the square on the height of the line's digits; what has less is a speck.</summary>
    private const double Speck = 0.003;

    /// <summary>Two shapes above one another that are together higher than this, in heights of the line's digits, are no broken digit.</summary>
    private const double TwoLines = 1.5;

    /// <summary>A ruled line may fade on its way from edge to edge.</summary>
    private const double Across = 0.9;

    public static bool TryFind(InkPlane plane, [NotNullWhen(true)] out FoundLine? line, [NotNullWhen(false)] out ImageError? fault)
    {
        line = null;
        if (!InkFinder.TryFind(plane, (ink, shape) => shape.Box.Width >= Across * ink.Width, out var found, out fault))
        {
            return false;
        }

        // Digits that touch each other across the whole picture look like a ruled line.
        var shapes = HeightOf(found.Shapes) > 0 ? found.Shapes : found.All;
        double height = HeightOf(shapes);
        if (height == 0)
        {
            fault = InkFinder.Blank;
            return false;
        }

        var digits = shapes.Shapes.Where(shape => IsDigit(shapes, shape, height)).ToList();
        fault = FindFault(digits, height);
        if (fault is not null)
        {
            return false;
        }

        InkShape[] parts = [.. shapes.Shapes.Where(shape =>
            InkLine.IsSmall(shape.Box, height) && shape.Area >= Speck * height * height && !shapes.TouchesEdge(shape))];
        line = new FoundLine(shapes, [.. digits, .. parts], height, found.Contrast);
        fault = digits.Count + parts.Length > DigitLine.MaxPieces ? TooMany(digits.Count + parts.Length) : null;
        return fault is null;
    }

    /// <summary>Takes a line to pieces.</summary>
    /// <param name="line">The line.</param>
    /// <param name="ink">The picture.</param>
    /// <param name="cut">The labels of the shapes that are cut wherever digits may touch.</param>
    public static InkLine Divide(FoundLine line, Plane ink, IReadOnlySet<int> cut)
    {
        int[] labels = Array.ConvertAll(line.Shapes.Labels, label => label == 0 ? 0 : -1);
        List<(InkPiece Piece, List<int> Pixels)> pieces = [];
        int cuts = DigitLine.MaxPieces - line.Taken.Count;
        foreach (var shape in line.Taken)
        {
            var parts = Split(line.Shapes, shape, cut.Contains(shape.Label) ? LineCutter.Find(ink, line, shape, cuts) : []);
            parts = parts.Exists(part => !InkLine.IsSmall(part.Piece.Box, line.DigitHeight)) ? parts : Split(line.Shapes, shape, []);
            cuts -= parts.Count - 1;
            pieces.AddRange(parts);
        }

        pieces = [.. pieces.OrderBy(piece => (2 * piece.Piece.Box.X) + piece.Piece.Box.Width)];
        foreach (var (index, (_, pixels)) in pieces.Index())
        {
            foreach (int pixel in pixels)
            {
                labels[pixel] = index + 1;
            }
        }

        return new InkLine(labels, [.. pieces.Select(piece => piece.Piece)], line.DigitHeight, line.Contrast);
    }

    /// <summary>The height of digits: half of the ink belongs to shapes that are at least as high. 0 when there are none.</summary>
    private static double HeightOf(InkShapes shapes)
    {
        var large = shapes.Shapes.Where(shape => shape.Box.Size >= InkFinder.MinimumSize && shape.Box.Height >= Flattest * shape.Box.Width).ToList();
        var whole = large.Where(shape => !shapes.TouchesEdge(shape)).ToList();
        var known = whole.Count > 0
            ? whole
            : [.. large.Where(shape => 2 * shape.Box.Height >= shapes.Height && 2 * shape.Area <= shapes.Width * shapes.Height)];
        int area = 0;
        int all = known.Sum(shape => shape.Area);
        return known.OrderBy(shape => shape.Box.Height).FirstOrDefault(shape => 2 * (area += shape.Area) >= all)?.Box.Height ?? 0;
    }

    private static bool IsDigit(InkShapes shapes, InkShape shape, double height) =>
        shape.Box.Size >= InkFinder.MinimumSize && !InkLine.IsSmall(shape.Box, height) && shape.Box.Height <= Tallest * height
        && (!shapes.TouchesEdge(shape) || shape.Box.Height >= WholeAtEdge * height);

    private static ImageError? FindFault(List<InkShape> digits, double height)
    {
        if (digits.Count > DigitLine.MaxDigits)
        {
            return TooMany(digits.Count);
        }

        return digits.Any(digit => digits.Any(other => IsBelow(digit.Box, other.Box, height)))
            ? new ImageError(ImageErrorKind.SeveralLines, "shows shapes above one another; expected one line of digits. Cut it into a picture of each line.")
            : null;
    }

    private static ImageError TooMany(int shapes) => new(
        ImageErrorKind.TooManyDigits, $"shows {shapes} separate shapes; expected a line of at most {DigitLine.MaxDigits} digits. Cut it into several pictures.");

    private static bool IsBelow(PixelBox box, PixelBox other, double height)
    {
        int shared = Math.Min(box.Right, other.Right) - Math.Max(box.X, other.X);
        return box.Y >= other.Bottom && box.Bottom - other.Y > TwoLines * height && 2 * shared > Math.Min(box.Width, other.Width);
    }

    /// <summary>The pieces of a shape between cuts, each with its pixels.</summary>
    private static List<(InkPiece Piece, List<int> Pixels)> Split(InkShapes shapes, InkShape shape, IReadOnlyList<int[]> cuts)
    {
        var pixels = Enumerable.Range(0, cuts.Count + 1).Select(_ => new List<int>()).ToArray();
        var boxes = new PixelBox?[pixels.Length];
        for (int y = shape.Box.Y; y < shape.Box.Bottom; y++)
        {
            for (int x = shape.Box.X; x < shape.Box.Right; x++)
            {
                if (shapes.Labels[(y * shapes.Width) + x] == shape.Label)
                {
                    int piece = cuts.Count(cut => cut[y - shape.Box.Y] <= x);
                    var pixel = new PixelBox(x, y, 1, 1);
                    pixels[piece].Add((y * shapes.Width) + x);
                    boxes[piece] = boxes[piece]?.Union(pixel) ?? pixel;
                }
            }
        }

        return [.. pixels.Zip(boxes).Where(piece => piece.Second is not null).Select(piece => (new InkPiece(shape.Label, piece.Second!.Value), piece.First))];
    }
}
