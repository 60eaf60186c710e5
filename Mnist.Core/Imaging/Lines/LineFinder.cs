using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>The line of digits on a photo.</summary>
/// <param name="Shapes">All shapes on the photo.</param>
/// <param name="Taken">The shapes of the line: digits, parts of digits and dirt.</param>
/// <param name="DigitHeight">The height of the line's digits, in pixels.</param>
/// <param name="Contrast">The mean difference of the ink from the background, in grey levels.</param>
internal sealed record FoundLine(InkShapes Shapes, IReadOnlyList<InkShape> Taken, double DigitHeight, float Contrast);

/// <summary>Decides which ink on a photo is a line of digits, and divides it into pieces.</summary>
internal static class LineFinder
{
    /// <summary>The smallest ratio of height to width of a shape that the height of digits is estimated from; ten digits that touch have a larger one.</summary>
    private const double Flattest = 0.1;

    /// <summary>The largest height of a digit, as a multiple of the height of the line's digits.</summary>
    private const double Tallest = 2;

    /// <summary>The smallest height of a digit at the edge of the photo, as a share of the height of the line's digits; a lower shape is cut off, or no digit.</summary>
    private const double WholeAtEdge = 0.8;

    /// <summary>The smallest area of a part of a digit, as a share of the squared height of the line's digits; smaller shapes are specks.</summary>
    private const double Speck = 0.003;

    /// <summary>Two shapes above one another are two lines, not a broken digit, if together they are higher than this multiple of the height of the line's digits.</summary>
    private const double TwoLines = 1.5;

    /// <summary>The smallest width of a ruled line, as a share of the photo's width; a line may fade before it reaches the edge.</summary>
    private const double Across = 0.9;

    /// <summary>Finds the line.</summary>
    /// <param name="plane">The photo.</param>
    /// <param name="line">The line.</param>
    /// <param name="error">The photo is blank, its contrast is too low, or it shows too many digits or several lines.</param>
    public static bool TryFind(InkPlane plane, [NotNullWhen(true)] out FoundLine? line, [NotNullWhen(false)] out ImageError? error)
    {
        line = null;
        if (!InkFinder.TryFind(plane, (ink, shape) => shape.Box.Width >= Across * ink.Width, out var found, out error))
        {
            return false;
        }

        // Touching digits that reach across the whole photo look like a ruled line, and were removed as one.
        var shapes = HeightOf(found.Shapes) > 0 ? found.Shapes : found.All;
        double height = HeightOf(shapes);
        if (height == 0)
        {
            error = InkFinder.Blank;
            return false;
        }

        var digits = shapes.Shapes.Where(shape => IsDigit(shapes, shape, height)).ToList();
        error = CheckLayout(digits, height);
        if (error is not null)
        {
            return false;
        }

        InkShape[] parts = [.. shapes.Shapes.Where(shape =>
            InkLine.IsSmall(shape.Box, height) && shape.Area >= Speck * height * height && !shapes.TouchesEdge(shape))];
        line = new FoundLine(shapes, [.. digits, .. parts], height, found.Contrast);
        error = digits.Count + parts.Length > DigitLine.MaxPieces ? TooMany(digits.Count + parts.Length) : null;
        return error is null;
    }

    /// <summary>Divides a line into pieces.</summary>
    /// <param name="line">The line.</param>
    /// <param name="ink">The ink of the whole photo.</param>
    /// <param name="cut">The labels of the shapes to cut wherever digits may touch.</param>
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

    /// <summary>The height of the digits: the median height of the shapes, weighted by their area. 0 if there are none.</summary>
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

    /// <summary>Checks that the digits are not too many and form one line.</summary>
    /// <returns>The error; null if there is none.</returns>
    private static ImageError? CheckLayout(List<InkShape> digits, double height)
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

    /// <summary>The pieces of a shape between the cuts, each with the indices of its pixels.</summary>
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
