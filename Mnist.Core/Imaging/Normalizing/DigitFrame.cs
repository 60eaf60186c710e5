namespace Mnist.Core.Imaging.Normalizing;

/// <summary>
/// Makes a 28x28 image of a digit that was found on a photo: cuts it out, sharpens strokes that lens and pixels have blurred, widens those of a thin
/// pen, and applies <see cref="MnistFraming"/>.
/// </summary>
internal static class DigitFrame
{
    /// <summary>Pixels per pixel of the result while strokes are measured and thickened.</summary>
    private const int Supersampling = 4;

    /// <summary>The width, in pixels of the result, of a thin pen's strokes; nineteen of twenty digits of MNIST have wider ones.</summary>
    private const float ThinStroke = 1.6f;

    /// <summary>What they are widened to.</summary>
    private const float MinimumStroke = 2;

    /// <summary>Frames a digit.</summary>
    /// <param name="ink">The ink of the whole picture, ground 0.</param>
    /// <param name="digit">Which of it is the digit.</param>
    /// <param name="noise">Standard deviation of the ground.</param>
    /// <param name="source">The same digit on the original.</param>
    public static DigitImage Render(Plane ink, FoundDigit digit, float noise, PixelBox source)
    {
        // What is no finer than MNIST keeps its pixels, and one that has any ink at all belongs to the box, as there.
        bool isFine = digit.Box.Size > MnistFraming.Side;
        var crop = isFine ? Sharpen(Cut(ink, digit), digit) : Cut(ink, digit);
        float edge = isFine ? digit.Contrast / 3 : Math.Min((3 * noise) + 0.5f, digit.Contrast / 3);
        return new DigitImage(MnistFraming.Frame(Thicken(MnistFraming.Crop(crop, edge), digit.Contrast), edge), source);
    }

    /// <summary>The digit with a margin of the ink around it: a pixel of the result, in which strokes fade.</summary>
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
    /// Gives the strokes the steep edges that they had on paper, between the pixels where those are coarse: MNIST's digits were black and white before
    /// they were scaled, and what lens and pixels have blurred, the scaling would blur again.
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
            // Strokes that are narrower than a pixel of the finer picture have faded in it.
            int reach = (int)Math.Ceiling(step / 2);
            var padded = Resampling.Crop(crop, -reach, -reach, 1, 1, crop.Width + (2 * reach), crop.Height + (2 * reach));
            solid = Harden(MnistFraming.Resize(PlaneFilters.Maximum(padded, reach), step), contrast);
        }

        float pixel = Math.Max(solid.Width, solid.Height) / (float)MnistFraming.Side;
        float width = StrokeWidth(solid);

        // What widens the strokes makes the digit larger, and the scale smaller.
        return width < ThinStroke * pixel ? Dilate(solid, ((MinimumStroke * pixel) - width) / (1 - (MinimumStroke / MnistFraming.Side)) / 2) : crop;
    }

    /// <summary>Gives the strokes steep edges, half way between ground and ink.</summary>
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

    /// <summary>Twice the area over the perimeter, which is the width of a long stroke; the perimeter is the total variation of a plane of 0 and 1.</summary>
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

    /// <summary>Moves every edge outwards by <paramref name="radius"/>: the largest value within a disc, of whose rim the share counts that is covered.</summary>
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
