using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Outliers [28,28] without strokes: uniform, noise, patterns.</summary>
internal static class Patterns
{
    private const int Side = DigitImage.Width;
    private const int White = byte.MaxValue;

    /// <summary>A single grey level, most often black.</summary>
    public static void Uniform(Random random, Span<byte> image) => image.Fill((byte)(random.Next(4) == 0 ? 0 : random.Next(White + 1)));

    /// <summary>Gaussian noise with a random deviation around a random grey level.</summary>
    public static void GaussianNoise(Random random, Span<byte> image)
    {
        Span<byte> background = stackalloc byte[image.Length];
        background.Fill((byte)(random.Next(3) == 0 ? 0 : random.Next(White + 1)));
        DigitFilters.AddNoise(background, image, Math.Pow(2, 8 * random.NextDouble()), random);
    }

    /// <summary>Independent, uniformly distributed grey levels up to a random maximum.</summary>
    public static void UniformNoise(Random random, Span<byte> image)
    {
        int brightest = 1 + random.Next(White);
        foreach (ref byte pixel in image)
        {
            pixel = (byte)random.Next(brightest + 1);
        }
    }

    /// <summary>White pixels on black, black ones on white, or both on grey, with a random density.</summary>
    public static void SaltAndPepper(Random random, Span<byte> image)
    {
        double density = Math.Pow(random.NextDouble(), 2);
        int kind = random.Next(4);
        byte background = (byte)(kind == 0 ? random.Next(White + 1) : kind == 1 ? White : 0);
        foreach (ref byte pixel in image)
        {
            pixel = random.NextDouble() >= density ? background : kind == 0 ? (byte)(White * random.Next(2)) : (byte)(White - background);
        }
    }

    /// <summary>Clouds: smoothed noise with a random contrast.</summary>
    public static void Clouds(Random random, Span<byte> image)
    {
        Span<byte> noise = stackalloc byte[image.Length];
        Span<byte> smooth = stackalloc byte[image.Length];
        UniformNoise(random, noise);
        DigitFilters.Blur(noise, smooth, 0.5 + (2.5 * random.NextDouble()));
        int least = White;
        int most = 1;
        foreach (byte grey in smooth)
        {
            (least, most) = (Math.Min(least, grey), Math.Max(most, grey));
        }

        double contrast = White * random.NextDouble() / Math.Max(1, most - least);
        double threshold = random.Next(2) == 0 ? 0 : White * random.NextDouble() / 4;
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (byte)Math.Clamp(((smooth[i] - least) * contrast) - threshold, 0, White);
        }
    }

    /// <summary>Stripes, checkerboards, slopes and frames, between two grey levels.</summary>
    public static void Regular(Random random, Span<byte> image)
    {
        int kind = random.Next(5);
        var (first, second) = (random.Next(White + 1), random.Next(White + 1));
        int width = 1 + random.Next(10);
        int height = random.Next(2) == 0 ? width : 1 + random.Next(10);
        var (left, top) = (random.Next(20), random.Next(20));
        for (int i = 0; i < image.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            double share = kind switch
            {
                0 => (x + left) / width % 2,
                1 => (y + top) / height % 2,
                2 => (((x + left) / width) + ((y + top) / height)) % 2,
                3 => ((width * x) + (height * y)) / (double)((width + height) * Side),
                _ => Math.Min(Math.Min(x, y), Side - 1 - Math.Max(x, y)) < width ? 1 : 0,
            };
            image[i] = (byte)(first + (share * (second - first)));
        }
    }

    /// <summary>A few dots.</summary>
    public static void Dots(Random random, Span<byte> image)
    {
        var plane = new Plane(Side, Side);
        var pen = new Pen(plane, Pen.RandomRadius(random));
        double ink = White * Pen.RandomInk(random);
        for (int i = 1 + random.Next(12); i > 0; i--)
        {
            pen.Line([new Point(Side * random.NextDouble(), Side * random.NextDouble())]);
        }

        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (byte)Math.Round(ink * plane.Values[i]);
        }
    }
}
