using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>The ink on a photo.</summary>
/// <param name="All">All shapes.</param>
/// <param name="Shapes">The shapes without ruled lines and frames.</param>
/// <param name="Contrast">The mean difference of the ink from the background, in grey levels.</param>
internal sealed record FoundInk(InkShapes All, InkShapes Shapes, float Contrast);

/// <summary>Decides which pixels of a photo are handwriting, as opposed to noise, paper and printed lines.</summary>
internal static class InkFinder
{
    /// <summary>The smallest size of a digit on the photo, in pixels.</summary>
    public const int MinimumSize = 8;

    /// <summary>Grey levels: smaller differences are invisible.</summary>
    private const float Visible = 3;

    /// <summary>Grey levels: at a lower contrast, rounding alone distorts a stroke.</summary>
    private const float EnoughContrast = 12;

    /// <summary>The smallest contrast of ink, as a share of the light's standard deviation; less may be the edge of a shadow.</summary>
    private const float LightShare = 0.5f;

    /// <summary>The smallest contrast of ink in standard deviations of the noise: normal noise exceeds it in less than one pixel of a million.</summary>
    private const float NoiseFactor = 5;

    /// <summary>The largest noise, as a share of the contrast, at which the thresholds below still work; above it, the photo is smoothed.</summary>
    private const float BearableNoise = 0.12f;

    /// <summary>The largest radius of the smoothing, in pixels.</summary>
    private const int MaxSmoothing = 4;

    /// <summary>Half the width of a ruled line is at most 1/128 of the longer side; a digit that fills the photo has wider strokes.</summary>
    private const int LineShare = 128;

    // Thresholds of the hysteresis, as shares of the contrast; the edge of a stroke lies between them.
    private const float Weak = 0.35f;
    private const float Strong = 0.5f;

    /// <summary>A shape is a frame if it encloses a shape of at least this share of its height; a smaller one may be a blot in a zero.</summary>
    private const double Framed = 0.25;

    public static readonly ImageError Blank = new(
        ImageErrorKind.Blank, "is blank: nothing on it stands out from the background; expected a digit. Check that the digit is on the picture and large enough.");

    /// <summary>Finds all ink.</summary>
    /// <param name="plane">The photo.</param>
    /// <param name="crosses">Whether a shape reaches across the photo, as a ruled line does.</param>
    /// <param name="found">The ink.</param>
    /// <param name="error">The photo is blank, or its contrast is too low.</param>
    public static bool TryFind(
        InkPlane plane, Func<InkShapes, InkShape, bool> crosses, [NotNullWhen(true)] out FoundInk? found, [NotNullWhen(false)] out ImageError? error)
    {
        found = null;
        var ink = plane;
        for (int radius = 1; radius <= MaxSmoothing && ink.Noise > BearableNoise * ink.Contrast; radius++)
        {
            ink = plane.Smooth(radius);
        }

        error = CheckContrast(ink, plane.Noise);
        if (error is not null)
        {
            return false;
        }

        var all = InkShapes.Find(ink.Ink, Weak * ink.Contrast, Strong * ink.Contrast);
        found = new FoundInk(all, WithoutFrames(WithoutLines(all, ink, crosses)), ink.Contrast);
        return true;
    }

    /// <summary>Checks that the ink stands out from the noise and from the unevenness of the light.</summary>
    /// <param name="ink">The ink after smoothing.</param>
    /// <param name="grain">The noise before smoothing.</param>
    /// <returns>The error; null if there is none.</returns>
    private static ImageError? CheckContrast(InkPlane ink, float grain)
    {
        float enough = Math.Max(EnoughContrast, LightShare * ink.Unevenness);
        if (ink.Contrast >= enough && ink.Contrast >= NoiseFactor * ink.Noise)
        {
            return null;
        }

        // A contrast below the noise of the original photo is light, not ink.
        return ink.Contrast < Math.Max(Visible, NoiseFactor * grain)
            ? Blank
            : new ImageError(ImageErrorKind.LowContrast, string.Create(CultureInfo.InvariantCulture,
                $"shows a shape that differs from its background by {ink.Contrast:0.#} of 255 grey levels; expected at least {enough:0.#}. Use a darker pen, or brighter and more even light."));
    }

    /// <summary>
    /// Removes ruled lines. They reach across the whole photo and are narrower than the strokes, which they may cross, so the smallest opening that removes
    /// them keeps the strokes.
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

    /// <summary>Removes circles and boxes of forms around digits.</summary>
    private static InkShapes WithoutFrames(InkShapes shapes)
    {
        var large = shapes.Shapes.Where(shape => shape.Box.Size >= MinimumSize).ToList();
        var frames = large.Where(outer => large.Any(inner =>
            inner != outer && inner.Box.Height >= Framed * outer.Box.Height && outer.Box.Contains(inner.Box) && shapes.Encloses(outer, inner))).ToList();
        return frames.Count == 0 ? shapes : shapes.Without(frames);
    }
}
