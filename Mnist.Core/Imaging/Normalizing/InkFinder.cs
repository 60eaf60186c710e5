using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>The ink on a picture.</summary>
/// <param name="All">Every shape.</param>
/// <param name="Shapes">The same without ruled lines and frames.</param>
/// <param name="Contrast">What the ink has on average, in grey levels.</param>
internal sealed record FoundInk(InkShapes All, InkShapes Shapes, float Contrast);

/// <summary>Decides which pixels of a picture are ink that somebody wrote, and not noise, paper or a printed line.</summary>
internal static class InkFinder
{
    /// <summary>The size, in pixels, from which a shape may be a digit.</summary>
    public const int MinimumSize = 8;

    /// <summary>A difference that no screen and no eye shows.</summary>
    private const float Visible = 3;

    /// <summary>Below this many grey levels of contrast, rounding alone spoils a stroke.</summary>
    private const float EnoughContrast = 12;

    /// <summary>What differs less than this share of the light's own deviation may be the edge of a shadow.</summary>
    private const float LightShare = 0.5f;

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

    /// <summary>What encloses a shape of this share of its height is a frame; what is smaller may be a blot in a zero.</summary>
    private const double Framed = 0.25;

    public static readonly ImageError Blank = new(
        ImageErrorKind.Blank, "is blank: nothing on it stands out from the ground; expected a digit. Check that the digit is on the picture and large enough.");

    /// <summary>Finds all ink, or says why there is none.</summary>
    /// <param name="plane">The picture.</param>
    /// <param name="crosses">Whether one of the shapes goes across the picture as a ruled line does.</param>
    /// <param name="found">What there is.</param>
    /// <param name="fault">Blank, or of too little contrast.</param>
    public static bool TryFind(
        InkPlane plane, Func<InkShapes, InkShape, bool> crosses, [NotNullWhen(true)] out FoundInk? found, [NotNullWhen(false)] out ImageError? fault)
    {
        found = null;
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
        found = new FoundInk(all, WithoutFrames(WithoutLines(all, ink, crosses)), ink.Contrast);
        return true;
    }

    private static ImageError? FindFault(InkPlane ink, float grain)
    {
        float enough = Math.Max(EnoughContrast, LightShare * ink.Unevenness);
        if (ink.Contrast >= enough && ink.Contrast >= NoiseFactor * ink.Noise)
        {
            return null;
        }

        // What stands out less than the grain of the picture is its light, not ink.
        return ink.Contrast < Math.Max(Visible, NoiseFactor * grain)
            ? Blank
            : new ImageError(ImageErrorKind.LowContrast, string.Create(CultureInfo.InvariantCulture,
                $"shows a shape that differs from its ground by {ink.Contrast:0.#} of 255 grey levels; expected at least {enough:0.#}. Use a darker pen, or brighter and more even light."));
    }

    /// <summary>
    /// Ruled lines go across the whole picture and are narrower than the strokes, which they may cross: an opening that is just wide enough takes them
    /// away, and leaves the strokes.
    /// </summary>
    private static InkShapes WithoutLines(InkShapes all, InkPlane ink, Func<InkShapes, InkShape, bool> crosses)
    {
        int widest = Math.Max(all.Width, all.Height) / LineShare;
        var opened = all;
        for (int radius = 1; radius <= widest && opened.Shapes.Any(shape => crosses(opened, shape)); radius++)
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
}
