using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis;

/// <summary>
/// Filters that alter a digit [28,28]. All compute in double precision and round once, to the nearest grey level. Pixels beyond the edges count as
/// background, 0.
/// </summary>
internal static class DigitFilters
{
    private const int Side = DigitImage.Width;

    private const double Centre = (Side - 1) / 2.0;

    private const byte White = byte.MaxValue;

    /// <summary>
    /// Rotates the image clockwise about its centre (13.5, 13.5), scales it about the same point, then shifts it right and down. Each pixel is
    /// interpolated bilinearly at its source position.
    /// </summary>
    public static void Move(ReadOnlySpan<byte> source, Span<byte> destination, double degrees = 0, double scale = 1, double right = 0, double down = 0)
    {
        var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double dx = (x - Centre - right) / scale;
                double dy = (y - Centre - down) / scale;
                destination[(y * Side) + x] = Round(Interpolate(source, Centre + (cosine * dx) + (sine * dy), Centre + (cosine * dy) - (sine * dx)));
            }
        }
    }

    /// <summary>
    /// Takes the minimum (<paramref name="thinner"/>) or maximum over a square window at each pixel. A window of 2 has the pixel and its neighbours to the
    /// right, below and below right; a window of 3 has the pixel and its eight neighbours.
    /// </summary>
    public static void ChangeStroke(ReadOnlySpan<byte> source, Span<byte> destination, int window, bool thinner)
    {
        int before = (window - 1) / 2;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                int extreme = thinner ? White : 0;
                for (int i = 0; i < window * window; i++)
                {
                    int pixel = PixelAt(source, x - before + (i % window), y - before + (i / window));
                    extreme = thinner ? Math.Min(extreme, pixel) : Math.Max(extreme, pixel);
                }

                destination[(y * Side) + x] = (byte)extreme;
            }
        }
    }

    /// <summary>Convolves with a Gaussian, truncated at three standard deviations and scaled to the sum 1.</summary>
    public static void Blur(ReadOnlySpan<byte> source, Span<byte> destination, double sigma)
    {
        int radius = (int)Math.Ceiling(3 * sigma);
        double[] kernel = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma)))];
        double norm = kernel.Sum() * kernel.Sum();
        Span<double> rows = stackalloc double[DigitImage.PixelCount];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = 0;
            for (int k = -radius; k <= radius; k++)
            {
                rows[i] += kernel[k + radius] * PixelAt(source, (i % Side) + k, i / Side);
            }
        }

        for (int i = 0; i < rows.Length; i++)
        {
            double sum = 0;
            for (int k = -radius; k <= radius; k++)
            {
                int y = (i / Side) + k;
                sum += y is >= 0 and < Side ? kernel[k + radius] * rows[(y * Side) + (i % Side)] : 0;
            }

            destination[i] = Round(sum / norm);
        }
    }

    /// <summary>Adds Gaussian noise to every pixel and clamps to 0..255.</summary>
    /// <param name="source">[28,28].</param>
    /// <param name="destination">Receives [28,28].</param>
    /// <param name="deviation">Standard deviation in grey levels.</param>
    /// <param name="random">Source of the noise.</param>
    public static void AddNoise(ReadOnlySpan<byte> source, Span<byte> destination, double deviation, Random random)
    {
        for (int i = 0; i < source.Length; i += 2)
        {
            var (first, second) = random.NextNormals(deviation);
            destination[i] = Round(source[i] + first);
            destination[i + 1] = Round(source[i + 1] + second);
        }
    }

    /// <summary>Replaces each pixel with probability <paramref name="share"/> by black or white, equally likely.</summary>
    public static void AddSaltAndPepper(ReadOnlySpan<byte> source, Span<byte> destination, double share, Random random)
    {
        for (int i = 0; i < source.Length; i++)
        {
            double draw = random.NextDouble();
            destination[i] = draw >= share ? source[i] : draw < share / 2 ? White : (byte)0;
        }
    }

    /// <summary>Multiplies the distance of every grey level from the image's mean by <paramref name="factor"/>.</summary>
    public static void ChangeContrast(ReadOnlySpan<byte> source, Span<byte> destination, double factor)
    {
        double mean = 0;
        foreach (byte pixel in source)
        {
            mean += pixel / (double)source.Length;
        }

        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = Round(mean + (factor * (source[i] - mean)));
        }
    }

    private static byte Round(double grey) => (byte)Math.Clamp(Math.Round(grey), 0, White);

    private static int PixelAt(ReadOnlySpan<byte> image, int x, int y) => x is >= 0 and < Side && y is >= 0 and < Side ? image[(y * Side) + x] : 0;

    private static double Interpolate(ReadOnlySpan<byte> image, double x, double y)
    {
        int left = (int)Math.Floor(x);
        int top = (int)Math.Floor(y);
        double right = x - left;
        double down = y - top;
        return ((1 - down) * (((1 - right) * PixelAt(image, left, top)) + (right * PixelAt(image, left + 1, top))))
            + (down * (((1 - right) * PixelAt(image, left, top + 1)) + (right * PixelAt(image, left + 1, top + 1))));
    }
}
