using System.Diagnostics.CodeAnalysis;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>The digit on a photo.</summary>
/// <param name="Box">The box around its ink.</param>
/// <param name="Contains">[Height, Width] of the photo: whether a pixel belongs to the digit.</param>
/// <param name="Contrast">The mean difference of the ink from the background, in grey levels.</param>
internal sealed record FoundDigit(PixelBox Box, bool[] Contains, float Contrast);

/// <summary>Decides which ink on a photo is the digit: the largest shape, with the smaller ones close to it.</summary>
internal static class DigitFinder
{
    /// <summary>The smallest ratio of height to width of a digit; flatter shapes are pieces of ruled lines.</summary>
    private const double Flattest = 0.3;

    /// <summary>The largest break in a stroke, as a share of the digit's size.</summary>
    private const double Break = 0.08;

    /// <summary>The largest distance of a separate part, such as the bar of a five, as a share of the digit's size.</summary>
    private const double Distance = 0.25;

    /// <summary>The smallest height of another digit, as a share of the main shape's height.</summary>
    private const double AnotherDigit = 0.5;

    /// <summary>The smallest area of a part of the digit, as a share of the digit's area (of all ink, before the digit is known); smaller shapes are specks.</summary>
    private const double Speck = 0.01;

    public static bool TryFind(InkPlane plane, [NotNullWhen(true)] out FoundDigit? digit, [NotNullWhen(false)] out ImageError? error)
    {
        digit = null;
        if (!InkFinder.TryFind(plane, (ink, shape) => ink.Crosses(shape), out var found, out error))
        {
            return false;
        }

        var (all, shapes, contrast) = found;
        if (Main(shapes, all) is not { } piece)
        {
            error = InkFinder.Blank;
            return false;
        }

        // Many specks would be joined with each other and with the digit.
        var groups = shapes.Without([.. shapes.Shapes.Where(shape => shape.Area < Speck * piece.Area)]).Join((int)Math.Max(2, Break * piece.Box.Size));
        if (Main(groups, all) is not { } main)
        {
            // The joined shapes are pieces of ruled lines that reach the edge.
            error = InkFinder.Blank;
            return false;
        }

        int digits = groups.Shapes.Count(shape => shape == main || IsAnotherDigit(groups, shape, main));
        if (digits > 1)
        {
            error = new ImageError(
                ImageErrorKind.SeveralDigits, $"shows {digits} separate shapes of about the same size; expected one digit. Cut the picture around it.");
            return false;
        }

        digit = Collect(groups, main, contrast);
        return true;
    }

    /// <summary>The shape with the largest area. A shape that touches the edge of the photo is chosen only if it fills the photo and all others are specks.</summary>
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

    /// <summary>Whether a shape lies close above, below or within the main one: a digit may be broken horizontally, but two digits stand side by side.</summary>
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
