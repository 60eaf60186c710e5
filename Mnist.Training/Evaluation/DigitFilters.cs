using Mnist.Training.Data;
using Mnist.Training.Synthesis;

namespace Mnist.Training.Evaluation;

/// <summary>
/// What is done to a digit of 28x28 bytes to see whether a network still reads it. Computed in double precision and rounded once, to the nearest
/// grey level; pixels beyond the edges are background, 0.
/// </summary>
internal static class DigitFilters
{
    private const int Side = DigitDataset.ImageWidth;

    private const double Centre = (Side - 1) / 2.0;

    private const byte White = byte.MaxValue;

    /// <summary>
    /// Turns the image clockwise about its centre, the point (13.5, 13.5), enlarges it from there, then shifts it right and down: for every
    /// pixel, bilinear interpolation at the place it comes from.
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
    /// The smallest (<paramref name="thinner"/>) or largest grey level of the square window of each pixel: of 2, itself and its neighbours to the
    /// right, below and diagonally between; of 3, itself and all eight neighbours.
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

    /// <summary>Convolves with a Gaussian, cut off at three standard deviations and scaled to the sum 1.</summary>
    public static void Blur(ReadOnlySpan<byte> source, Span<byte> destination, double sigma)
    {
        int radius = (int)Math.Ceiling(3 * sigma);
        double[] kernel = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma)))];
        double norm = kernel.Sum() * kernel.Sum();
        Span<double> rows = stackalloc double[DigitDataset.PixelCount];
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

    /// <summary>Adds normal noise to every pixel, then limits it to 0..255.</summary>
    /// <param name="source">[28,28].</param>
    /// <param name="destination">Receives [28,28].</param>
    /// <param name="deviation">Standard deviation in grey levels.</param>
    /// <param name="random">The noise.</param>
    public static void AddNoise(ReadOnlySpan<byte> source, Span<byte> destination, double deviation, Random random)
    {
        for (int i = 0; i < source.Length; i += 2)
        {
            var (first, second) = random.NextNormals(deviation);
            destination[i] = Round(source[i] + first);
            destination[i + 1] = Round(source[i + 1] + second);
        }
    }

    /// <summary>Makes a share of the pixels, each with the same probability, black or white, each in one of two cases.</summary>
    public static void AddSaltAndPepper(ReadOnlySpan<byte> source, Span<byte> destination, double share, Random random)
    {
        for (int i = 0; i < source.Length; i++)
        {
            double draw = random.NextDouble();
            destination[i] = draw >= share ? source[i] : draw < share / 2 ? White : (byte)0;
        }
    }

    /// <summary>Moves all grey levels towards the image's mean until their distance to it is <paramref name="factor"/> times what it was.</summary>
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
