namespace Mnist.Core.Imaging;

/// <summary>
/// MNIST's preprocessing (LeCun and others, "Gradient-based learning applied to document recognition", 1998): crop to the ink, scale the longer side
/// to 20 pixels with grey edges, and move the centre of mass to the centre of 28x28. The service and the trainer share it.
/// </summary>
internal static class MnistFraming
{
    /// <summary>The longer side of a digit in MNIST, in pixels.</summary>
    public const int Side = 20;

    /// <summary>The pixel index to which MNIST moves the centre of mass, on both axes; half a pixel right of and below the geometric centre.</summary>
    public const double Centre = 14;

    /// <summary>Frames all ink of a plane.</summary>
    /// <param name="plane">Ink is positive, the background 0.</param>
    /// <param name="edge">Pixels above this value belong to the ink.</param>
    /// <returns>[28,28], the brightest pixel 255.</returns>
    public static byte[] Frame(Plane plane, float edge) => Place(Scale(Crop(plane, edge)));

    /// <summary>The smallest crop with all pixels above <paramref name="edge"/>; the whole plane if there are none.</summary>
    public static Plane Crop(Plane plane, float edge)
    {
        var box = BoxOf(plane, edge);
        return Resampling.Crop(plane, box.X, box.Y, 1, 1, box.Width, box.Height);
    }

    /// <summary>The smallest box around all pixels above <paramref name="edge"/>; the whole plane if there are none.</summary>
    public static PixelBox BoxOf(Plane plane, float edge)
    {
        var (left, top, right, bottom) = (plane.Width, plane.Height, -1, -1);
        for (int y = 0; y < plane.Height; y++)
        {
            for (int x = 0; x < plane.Width; x++)
            {
                if (plane[x, y] > edge)
                {
                    (left, right) = (Math.Min(left, x), Math.Max(right, x));
                    (top, bottom) = (Math.Min(top, y), y);
                }
            }
        }

        return right < 0 ? new PixelBox(0, 0, plane.Width, plane.Height) : new PixelBox(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>The plane with pixels of <paramref name="step"/> x <paramref name="step"/> source pixels each; the last ones may reach beyond the edge.</summary>
    public static Plane Resize(Plane plane, double step) =>
        Resampling.Crop(plane, 0, 0, step, step, Cells(plane.Width, step), Cells(plane.Height, step));

    /// <summary>Scales the longer side to 20 pixels. Smaller crops are doubled first with interpolation, so that their pixels do not become squares.</summary>
    private static Plane Scale(Plane crop)
    {
        while (Math.Max(crop.Width, crop.Height) < Side)
        {
            crop = Resampling.Enlarge(crop, 2 * crop.Width, 2 * crop.Height);
        }

        return Resize(crop, (double)Math.Max(crop.Width, crop.Height) / Side);
    }

    private static int Cells(int pixels, double step) => Math.Max(1, (int)Math.Ceiling((pixels / step) - 1e-6));

    /// <summary>Stretches the grey levels to 0..255 and shifts by whole pixels, so that the centre of mass is nearest to <see cref="Centre"/>.</summary>
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
