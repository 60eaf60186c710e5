using System.Diagnostics.CodeAnalysis;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>The digit on a picture.</summary>
/// <param name="Box">Its ink.</param>
/// <param name="Contains">[Height, Width] of the picture: the pixels that belong to it.</param>
/// <param name="Contrast">What its ink has on average, in grey levels.</param>
internal sealed record FoundDigit(PixelBox Box, bool[] Contains, float Contrast);

/// <summary>Decides which ink on a picture is the digit: what is connected, or close together, and larger than any dirt.</summary>
internal static class DigitFinder
{
    /// <summary>Height over width of a digit that touches the edge; what is flatter is a ruled line.</summary>
    private const double Flattest = 0.3;

    /// <summary>A stroke may break off for this share of the digit's size.</summary>
    private const double Break = 0.08;

    /// <summary>A part of a digit, such as the bar of a five, may be this share of its size away.</summary>
    private const double Distance = 0.25;

    /// <summary>A shape is another digit when it has this share of the main one's height.</summary>
    private const double AnotherDigit = 0.5;

    /// <summary>A part of a digit has at least this share of the ink; what has less is a speck.</summary>
    private const double Speck = 0.01;

    public static bool TryFind(InkPlane plane, [NotNullWhen(true)] out FoundDigit? digit, [NotNullWhen(false)] out ImageError? fault)
    {
        digit = null;
        if (!InkFinder.TryFind(plane, (ink, shape) => ink.Crosses(shape), out var found, out fault))
        {
            return false;
        }

        var (all, shapes, contrast) = found;
        if (Main(shapes, all) is not { } piece)
        {
            fault = InkFinder.Blank;
            return false;
        }

        // Many specks would join one another, and the digit.
        var groups = shapes.Without([.. shapes.Shapes.Where(shape => shape.Area < Speck * piece.Area)]).Join((int)Math.Max(2, Break * piece.Box.Size));
        if (Main(groups, all) is not { } main)
        {
            // Pieces of ruled lines that now reach the edge.
            fault = InkFinder.Blank;
            return false;
        }

        int digits = groups.Shapes.Count(shape => shape == main || IsAnotherDigit(groups, shape, main));
        if (digits > 1)
        {
            fault = new ImageError(
                ImageErrorKind.SeveralDigits, $"shows {digits} separate shapes of about the same size; expected one digit. Cut the picture around it.");
            return false;
        }

        digit = Collect(groups, main, contrast);
        return true;
    }

    /// <summary>The shape with most ink; one that is cut off by the edge of the picture only if it fills the picture and the others are specks beside it.</summary>
    private static InkShape? Main(InkShapes shapes, InkShapes all)
    {
        var large = shapes.Shapes.Where(shape =>
            shape.Box.Size >= InkFinder.MinimumSize && shape.Box.Height >= Flattest * shape.Box.Width && shape.Area >= Speck * all.Area).ToList();
        var whole = large.Where(shape => !shapes.TouchesEdge(shape)).MaxBy(shape => shape.Area);
        var cut = large.Where(shape =>
            shapes.TouchesEdge(shape) && 2 * shape.Box.Height >= shapes.Height && 2 * shape.Area <= shapes.Width * shapes.Height).MaxBy(shape => shape.Area);
        return whole is null || (cut is not null && whole.Area < Speck * cut.Area) ? cut : whole;
    }

    private static bool IsAnotherDigit(InkShapes shapes, InkShape shape, InkShape main) =>
        shape != main && shape.Box.Height >= AnotherDigit * main.Box.Height && shape.Box.Size >= InkFinder.MinimumSize
        && !shapes.TouchesEdge(shape) && !IsPart(shape, main);

    /// <summary>Whether a shape lies close above, below or within the main one: a digit may be broken across, two digits stand side by side.</summary>
    private static bool IsPart(InkShape shape, InkShape main)
    {
        int shared = Math.Min(shape.Box.Right, main.Box.Right) - Math.Max(shape.Box.X, main.Box.X);
        return 2 * shared > Math.Min(shape.Box.Width, main.Box.Width) && IsNear(shape, main);
    }

    private static bool IsNear(InkShape shape, InkShape main) => main.Box.GapTo(shape.Box) <= Distance * main.Box.Size;

    private static FoundDigit Collect(InkShapes shapes, InkShape main, float contrast)
    {
        var parts = shapes.Shapes.Where(shape =>
            shape == main
            || (shape.Area >= Speck * main.Area && IsNear(shape, main) && !shapes.TouchesEdge(shape))).ToList();
        bool[] isPart = new bool[shapes.Labels.Max() + 1];
        foreach (var part in parts)
        {
            isPart[part.Label] = true;
        }

        return new FoundDigit(
            parts.Select(part => part.Box).Aggregate((a, b) => a.Union(b)), Array.ConvertAll(shapes.Labels, label => isPart[label]), contrast);
    }
}
