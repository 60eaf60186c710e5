namespace Mnist.Core.Imaging.Normalizing;

/// <summary>
/// Renders a digit that was found on a photo as a 28x28 image: crops it, sharpens strokes that the lens and the pixels have blurred, widens the strokes of
/// a thin pen, and applies <see cref="MnistFraming"/>.
/// </summary>
internal static class DigitRenderer
{
    /// <summary>Pixels per pixel of the result, along each axis, while strokes are measured and widened.</summary>
    private const int Supersampling = 4;

    /// <summary>Strokes narrower than this many pixels of the result are widened; 95 % of MNIST's digits have wider strokes.</summary>
    private const float ThinStroke = 1.6f;

    /// <summary>The width to which they are widened, in pixels of the result.</summary>
    private const float MinimumStroke = 2;

    /// <summary>Renders a digit.</summary>
    /// <param name="ink">The ink of the whole photo; the background is 0.</param>
    /// <param name="digit">The pixels of the ink that belong to the digit.</param>
    /// <param name="noise">Standard deviation of the background, in grey levels.</param>
    /// <param name="source">The box of the digit on the original, in pixels.</param>
    public static DigitImage Render(Plane ink, FoundDigit digit, float noise, PixelBox source)
    {
        // Crops no larger than MNIST's 20 px are not sharpened; as in MNIST, any pixel that is not noise counts as part of the box.
        bool isFine = digit.Box.Size > MnistFraming.Side;
        var crop = isFine ? Sharpen(Cut(ink, digit), digit) : Cut(ink, digit);
        float edge = isFine ? digit.Contrast / 3 : Math.Min((3 * noise) + 0.5f, digit.Contrast / 3);
        return new DigitImage(MnistFraming.Frame(Thicken(MnistFraming.Crop(crop, edge), digit.Contrast), edge), source);
    }

    /// <summary>Crops the digit and the ink within a margin of one pixel of the result around it, in which the strokes fade out.</summary>
    private static Plane Cut(Plane ink, FoundDigit digit)
    {
        int margin = Math.Max(2, digit.Box.Size / MnistFraming.Side);
        var box = digit.Box;
        var mask = new Plane(box.Width + (2 * margin), box.Height + (2 * margin));
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = 0; x < box.Width; x++)
            {
                mask[x + margin, y + margin] = digit.Contains[((y + box.Y) * ink.Width) + x + box.X] ? 1 : 0;
            }
        }

        mask = PlaneFilters.Maximum(mask, margin);
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                var (column, row) = (x + box.X - margin, y + box.Y - margin);
                bool inside = column >= 0 && column < ink.Width && row >= 0 && row < ink.Height;
                mask[x, y] = inside && mask[x, y] > 0 ? ink[column, row] : 0;
            }
        }

        return mask;
    }

    /// <summary>
    /// Restores the steep edges that the strokes had on paper, at subpixel resolution: MNIST's digits were black and white before they were scaled, and
    /// strokes that the lens has blurred would be blurred again by the scaling.
    /// </summary>
    private static Plane Sharpen(Plane crop, FoundDigit digit)
    {
        int factor = ((MnistFraming.Side * Supersampling) + digit.Box.Size - 1) / digit.Box.Size;
        return Harden(Resampling.Enlarge(crop, factor * crop.Width, factor * crop.Height), digit.Contrast);
    }

    /// <summary>Widens the strokes of a thin pen to <see cref="MinimumStroke"/>; other digits stay as they are.</summary>
    private static Plane Thicken(Plane crop, float contrast)
    {
        double step = (double)Math.Max(crop.Width, crop.Height) / (MnistFraming.Side * Supersampling);
        var fine = step > 1 ? MnistFraming.Resize(crop, step) : crop;
        var solid = Harden(fine, contrast);
        if (Sum(solid) < Sum(fine) / 2)
        {
            // Strokes narrower than a pixel of this plane have lost contrast in it: widen them before they are scaled.
            int reach = (int)Math.Ceiling(step / 2);
            var padded = Resampling.Crop(crop, -reach, -reach, 1, 1, crop.Width + (2 * reach), crop.Height + (2 * reach));
            solid = Harden(MnistFraming.Resize(PlaneFilters.Maximum(padded, reach), step), contrast);
        }

        float pixel = Math.Max(solid.Width, solid.Height) / (float)MnistFraming.Side;
        float width = StrokeWidth(solid);

        // The dilation enlarges the digit, too, and the scale to 20 pixels shrinks it again: the denominator compensates for that.
        return width < ThinStroke * pixel ? Dilate(solid, ((MinimumStroke * pixel) - width) / (1 - (MinimumStroke / MnistFraming.Side)) / 2) : crop;
    }

    /// <summary>Makes the edges of strokes steep: a ramp of half the contrast, centred half-way between background and ink.</summary>
    private static Plane Harden(Plane plane, float contrast)
    {
        var solid = new Plane(plane.Width, plane.Height);
        for (int i = 0; i < solid.Values.Length; i++)
        {
            solid.Values[i] = contrast * Math.Clamp((plane.Values[i] / contrast * 2) - 0.5f, 0, 1);
        }

        return solid;
    }

    private static float Sum(Plane plane)
    {
        float sum = 0;
        foreach (float value in plane.Values)
        {
            sum += value;
        }

        return sum;
    }

    /// <summary>Twice the area over the perimeter: the width of a long stroke. The perimeter of a region is the total variation of its indicator function (coarea formula).</summary>
    private static float StrokeWidth(Plane solid)
    {
        float area = 0;
        float perimeter = 0;
        for (int y = -1; y < solid.Height; y++)
        {
            for (int x = -1; x < solid.Width; x++)
            {
                float value = At(x, y);
                float across = (At(x + 1, y) + At(x + 1, y + 1) - value - At(x, y + 1)) / 2;
                float down = (At(x, y + 1) + At(x + 1, y + 1) - value - At(x + 1, y)) / 2;
                area += value;
                perimeter += MathF.Sqrt((across * across) + (down * down));
            }
        }

        return 2 * area / perimeter;

        float At(int x, int y) => x >= 0 && x < solid.Width && y >= 0 && y < solid.Height ? solid[x, y] : 0;
    }

    /// <summary>Moves every edge outwards by <paramref name="radius"/> pixels: grey dilation with a disc, whose rim pixels are weighted by how far the disc covers them.</summary>
    private static Plane Dilate(Plane plane, float radius)
    {
        int reach = (int)Math.Ceiling(radius);
        var result = new Plane(plane.Width + (2 * reach), plane.Height + (2 * reach));
        for (int dy = -reach; dy <= reach; dy++)
        {
            for (int dx = -reach; dx <= reach; dx++)
            {
                float share = Math.Clamp(radius + 1 - MathF.Sqrt((dx * dx) + (dy * dy)), 0, 1);
                for (int y = 0; y < plane.Height && share > 0; y++)
                {
                    for (int x = 0; x < plane.Width; x++)
                    {
                        ref float value = ref result[x + reach + dx, y + reach + dy];
                        value = Math.Max(value, share * plane[x, y]);
                    }
                }
            }
        }

        return result;
    }
}
