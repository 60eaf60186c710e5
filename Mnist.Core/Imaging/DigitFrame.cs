namespace Mnist.Core.Imaging;

/// <summary>
/// MNIST's recipe (LeCun and others, "Gradient-based learning applied to document recognition", 1998): the ink, cropped tight, with its longer side
/// scaled to 20 pixels, grey where a pixel is covered in part, and the centre of mass brought to the centre of 28x28.
/// </summary>
internal static class DigitFrame
{
    /// <summary>The longer side of a digit of MNIST.</summary>
    public const int Side = 20;

    /// <summary>The index of the pixel to which MNIST brings the centre of mass, on both axes; half a pixel right of and below the geometric centre.</summary>
    public const double Centre = 14;

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
        bool isFine = digit.Box.Size > Side;
        var crop = isFine ? Sharpen(Cut(ink, digit), digit) : Cut(ink, digit);
        float edge = isFine ? digit.Contrast / 3 : Math.Min((3 * noise) + 0.5f, digit.Contrast / 3);
        return new DigitImage(Place(Scale(Tight(Thicken(Tight(crop, edge), digit.Contrast), edge))), source);
    }

    /// <summary>The digit with a margin of the ink around it: a pixel of the result, in which strokes fade.</summary>
    private static Plane Cut(Plane ink, FoundDigit digit)
    {
        int margin = Math.Max(2, digit.Box.Size / Side);
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
        int factor = ((Side * Supersampling) + digit.Box.Size - 1) / digit.Box.Size;
        return Harden(PlaneFilters.Enlarge(crop, factor * crop.Width, factor * crop.Height), digit.Contrast);
    }

    /// <summary>The smallest crop that has all pixels above <paramref name="edge"/>; all of it when there are none, as in a piece of the edge of a stroke.</summary>
    private static Plane Tight(Plane plane, float edge)
    {
        var shapes = InkShapes.Find(plane, edge, edge).Shapes;
        if (shapes.Count == 0)
        {
            return plane;
        }

        var box = shapes.Select(shape => shape.Box).Aggregate((a, b) => a.Union(b));
        return AreaScale.Crop(plane, box.X, box.Y, 1, 1, box.Width, box.Height);
    }

    /// <summary>Widens the strokes of a thin pen to <see cref="MinimumStroke"/>; other digits stay as they are.</summary>
    private static Plane Thicken(Plane crop, float contrast)
    {
        double step = (double)Math.Max(crop.Width, crop.Height) / (Side * Supersampling);
        var fine = step > 1 ? Resize(crop, step) : crop;
        var solid = Harden(fine, contrast);
        if (Sum(solid) < Sum(fine) / 2)
        {
            // Strokes that are narrower than a pixel of the finer picture have faded in it.
            int reach = (int)Math.Ceiling(step / 2);
            var padded = AreaScale.Crop(crop, -reach, -reach, 1, 1, crop.Width + (2 * reach), crop.Height + (2 * reach));
            solid = Harden(Resize(PlaneFilters.Maximum(padded, reach), step), contrast);
        }

        float pixel = Math.Max(solid.Width, solid.Height) / (float)Side;
        float width = StrokeWidth(solid);

        // What widens the strokes makes the digit larger, and the scale smaller.
        return width < ThinStroke * pixel ? Dilate(solid, ((MinimumStroke * pixel) - width) / (1 - (MinimumStroke / Side)) / 2) : crop;
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

    /// <summary>Brings the longer side to 20 pixels. What is smaller is doubled first, so that its pixels do not become squares.</summary>
    private static Plane Scale(Plane crop)
    {
        while (Math.Max(crop.Width, crop.Height) < Side)
        {
            crop = PlaneFilters.Enlarge(crop, 2 * crop.Width, 2 * crop.Height);
        }

        return Resize(crop, (double)Math.Max(crop.Width, crop.Height) / Side);
    }

    private static Plane Resize(Plane crop, double step) =>
        AreaScale.Crop(crop, 0, 0, step, step, Cells(crop.Width, step), Cells(crop.Height, step));

    private static int Cells(int pixels, double step) => Math.Max(1, (int)Math.Ceiling((pixels / step) - 1e-6));

    /// <summary>Stretches to 0..255 and shifts by whole pixels, so that the centre of mass comes to <see cref="Centre"/>.</summary>
    private static byte[] Place(Plane digit)
    {
        float white = digit.Values.ToArray().Max();
        double mass = 0, massX = 0, massY = 0;
        for (int y = 0; y < digit.Height; y++)
        {
            for (int x = 0; x < digit.Width; x++)
            {
                ref float value = ref digit[x, y];
                value = MathF.Round(Math.Clamp(value / white, 0, 1) * byte.MaxValue);
                mass += value;
                massX += value * x;
                massY += value * y;
            }
        }

        int left = Math.Clamp((int)Math.Round(Centre - (massX / mass)), 0, DigitImage.Width - digit.Width);
        int top = Math.Clamp((int)Math.Round(Centre - (massY / mass)), 0, DigitImage.Height - digit.Height);
        byte[] pixels = new byte[DigitImage.PixelCount];
        for (int y = 0; y < digit.Height; y++)
        {
            for (int x = 0; x < digit.Width; x++)
            {
                pixels[((y + top) * DigitImage.Width) + x + left] = (byte)digit[x, y];
            }
        }

        return pixels;
    }
}
