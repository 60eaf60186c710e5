using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mnist.Core.Imaging;

/// <summary>The digit on a picture.</summary>
/// <param name="Box">Its ink.</param>
/// <param name="Contains">[Height, Width] of the picture: the pixels that belong to it.</param>
/// <param name="Contrast">What its ink has on average, in grey levels.</param>
internal sealed record FoundDigit(PixelBox Box, bool[] Contains, float Contrast);

/// <summary>Decides which ink on a picture is the digit: what is connected, or close together, and larger than any dirt.</summary>
internal static class DigitFinder
{
    /// <summary>A difference that no screen and no eye shows.</summary>
    private const float Visible = 3;

    /// <summary>Below this many grey levels of contrast, rounding alone spoils a stroke.</summary>
    private const float EnoughContrast = 12;

    /// <summary>Ink stands out of the noise by this many standard deviations: by chance, not one pixel of a million does.</summary>
    private const float NoiseFactor = 5;

    /// <summary>The noise that the two thresholds below can bear, as a share of the contrast.</summary>
    private const float BearableNoise = 0.12f;

    private const int MaxSmoothing = 4;

    /// <summary>Half the width of a ruled line is at most this share of the longer side. A digit that fills the picture has wider strokes.</summary>
    private const int LineShare = 128;

    // Shares of the contrast, between which the edge of a stroke lies.
    private const float Weak = 0.35f;
    private const float Strong = 0.5f;

    /// <summary>The size, in pixels, from which a shape may be a digit.</summary>
    private const int MinimumSize = 8;

    /// <summary>Height over width of a digit that touches the edge; what is flatter is a ruled line.</summary>
    private const double Flattest = 0.3;

    /// <summary>A stroke may break off for this share of the digit's size.</summary>
    private const double Break = 0.08;

    /// <summary>A part of a digit, such as the bar of a five, may be this share of its size away.</summary>
    private const double Distance = 0.25;

    /// <summary>A shape is another digit when it has this share of the main one's height.</summary>
    private const double AnotherDigit = 0.5;

    /// <summary>What encloses a shape of this share of its height is a frame; what is smaller may be a blot in a zero.</summary>
    private const double Framed = 0.25;

    /// <summary>A part of a digit has at least this share of the ink; what has less is a speck.</summary>
    private const double Speck = 0.01;

    private static readonly ImageFault Blank = new(
        ImageFaultKind.Blank, "is blank: nothing on it stands out from the ground; expected a digit. Check that the digit is on the picture and large enough.");

    public static bool TryFind(InkPlane plane, [NotNullWhen(true)] out FoundDigit? digit, [NotNullWhen(false)] out ImageFault? fault)
    {
        digit = null;
        var ink = plane;
        for (int radius = 1; radius <= MaxSmoothing && ink.Noise > BearableNoise * ink.Contrast; radius++)
        {
            ink = plane.Smooth(radius);
        }

        fault = FindFault(ink, plane.Noise);
        if (fault is not null)
        {
            return false;
        }

        var all = InkShapes.Find(ink.Ink, Weak * ink.Contrast, Strong * ink.Contrast);
        var shapes = WithoutFrames(WithoutLines(all, ink));
        if (Main(shapes, all) is not { } piece)
        {
            fault = Blank;
            return false;
        }

        var groups = shapes.Join((int)Math.Max(2, Break * piece.Box.Size));
        if (Main(groups, all) is not { } main)
        {
            // Pieces of ruled lines that now reach the edge.
            fault = Blank;
            return false;
        }

        int digits = groups.Shapes.Count(shape => shape == main || IsAnotherDigit(groups, shape, main));
        if (digits > 1)
        {
            fault = new ImageFault(
                ImageFaultKind.SeveralDigits, $"shows {digits} separate shapes of about the same size; expected one digit. Cut the picture around it.");
            return false;
        }

        digit = Collect(groups, main, ink.Contrast);
        return true;
    }

    private static ImageFault? FindFault(InkPlane ink, float grain)
    {
        if (ink.Contrast >= EnoughContrast && ink.Contrast >= NoiseFactor * ink.Noise)
        {
            return null;
        }

        // What stands out less than the grain of the picture is its light, not ink.
        return ink.Contrast < Math.Max(Visible, NoiseFactor * grain)
            ? Blank
            : new ImageFault(ImageFaultKind.LowContrast, string.Create(CultureInfo.InvariantCulture,
                $"shows a shape that differs from its ground by {ink.Contrast:0.#} of 255 grey levels; expected at least {EnoughContrast}. Use a darker pen or more light."));
    }

    /// <summary>
    /// Ruled lines go across the whole picture and are narrower than the strokes, which they may cross: an opening that is just wide enough takes them
    /// away, and leaves the strokes.
    /// </summary>
    private static InkShapes WithoutLines(InkShapes all, InkPlane ink)
    {
        int widest = Math.Max(all.Width, all.Height) / LineShare;
        var opened = all;
        for (int radius = 1; radius <= widest && opened.Shapes.Any(opened.Crosses); radius++)
        {
            opened = InkShapes.Find(PlaneFilters.Open(ink.Ink, radius), Weak * ink.Contrast, Strong * ink.Contrast);
        }

        return opened;
    }

    /// <summary>A circle or the box of a form around a digit is no part of it.</summary>
    private static InkShapes WithoutFrames(InkShapes shapes)
    {
        var large = shapes.Shapes.Where(shape => shape.Box.Size >= MinimumSize).ToList();
        var frames = large.Where(outer => large.Any(inner =>
            inner != outer && inner.Box.Height >= Framed * outer.Box.Height && outer.Box.Contains(inner.Box) && shapes.Encloses(outer, inner))).ToList();
        return frames.Count == 0 ? shapes : shapes.Without(frames);
    }

    /// <summary>The shape with most ink; one that is cut off by the edge of the picture only if it fills the picture and the others are specks beside it.</summary>
    private static InkShape? Main(InkShapes shapes, InkShapes all)
    {
        var large = shapes.Shapes.Where(shape =>
            shape.Box.Size >= MinimumSize && shape.Box.Height >= Flattest * shape.Box.Width && shape.Area >= Speck * all.Area).ToList();
        var whole = large.Where(shape => !shapes.TouchesEdge(shape)).MaxBy(shape => shape.Area);
        var cut = large.Where(shape =>
            shapes.TouchesEdge(shape) && 2 * shape.Box.Height >= shapes.Height && 2 * shape.Area <= shapes.Width * shapes.Height).MaxBy(shape => shape.Area);
        return whole is null || (cut is not null && whole.Area < Speck * cut.Area) ? cut : whole;
    }

    private static bool IsAnotherDigit(InkShapes shapes, InkShape shape, InkShape main) =>
        shape != main && shape.Box.Height >= AnotherDigit * main.Box.Height && shape.Box.Size >= MinimumSize
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
