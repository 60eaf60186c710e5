using SkiaSharp;

namespace Mnist.Training.Synthesis.Photos;

/// <summary>A colour, 0 to 1 a channel, as the camera writes it.</summary>
internal readonly record struct Colour(double Red, double Green, double Blue)
{
    public static Colour Grey(double level) => new(level, level, level);

    public static Colour Mix(Colour a, Colour b, double share) =>
        new(a.Red + (share * (b.Red - a.Red)), a.Green + (share * (b.Green - a.Green)), a.Blue + (share * (b.Blue - a.Blue)));
}

/// <summary>A digit on the paper: its glyph, the centre of its ink and its size, as shares of the picture's height.</summary>
internal sealed record PlacedGlyph(InkGlyph InkGlyph, double X, double Y, double Size);

/// <summary>Paper with digits, and the camera and light that take its picture.</summary>
internal sealed record Scene
{
    /// <summary>Drawing them anew for every sample would take most of the time; a prime number of them hides that they come again.</summary>
    private static readonly float[] Normals = DrawNormals(65_521);

    public int Width { get; init; } = 400;

    public int Height { get; init; } = 300;

    public IReadOnlyList<PlacedGlyph> Glyphs { get; init; } = [];

    public Colour Ink { get; init; } = Colour.Grey(0.1);

    public Colour Paper { get; init; } = Colour.Grey(0.95);

    /// <summary>Distance of the ruled lines as a share of the height; 0 for plain paper.</summary>
    public double Ruling { get; init; }

    public bool Squared { get; init; }

    public Colour Line { get; init; } = new(0.65, 0.75, 0.9);

    /// <summary>Degrees by which the camera is turned.</summary>
    public double Rotation { get; init; }

    /// <summary>By how much the digits lean to the right: the shift of their tops, as a share of their height.</summary>
    public double Slant { get; init; }

    /// <summary>By how much the scale changes over the picture, from left to right and from top to bottom.</summary>
    public (double X, double Y) Perspective { get; init; }

    /// <summary>The share of the light that is lost from one side of the picture to the other.</summary>
    public double Shading { get; init; }

    /// <summary>Direction of the shading and of the shadow's edge, in degrees.</summary>
    public double LightAngle { get; init; }

    /// <summary>The share of the light that a shadow takes on one side of a soft edge.</summary>
    public double Shadow { get; init; }

    /// <summary>Standard deviation of the lens, in pixels.</summary>
    public double Blur { get; init; }

    /// <summary>Standard deviation of the sensor, in grey levels.</summary>
    public double Noise { get; init; }

    /// <summary>0 for PNG.</summary>
    public int JpegQuality { get; init; }

    /// <summary>Whether the paper is transparent.</summary>
    public bool Transparent { get; init; }

    /// <summary>The picture as a file.</summary>
    public byte[] Photograph(Random random)
    {
        float[] channels = Expose();
        if (Blur > 0)
        {
            channels = Defocus(channels);
        }

        int start = random.Next(Normals.Length);
        byte[] rgba = new byte[Width * Height * 4];
        for (int i = 0; i < rgba.Length; i++)
        {
            double noise = i % 4 < 3 ? Noise * Normals[(start + i) % Normals.Length] : 0;
            rgba[i] = (byte)Math.Clamp(Math.Round((255 * channels[i]) + noise), 0, 255);
        }

        using var image = SKImage.FromPixelCopy(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul), rgba);
        using var file = JpegQuality > 0 ? image.Encode(SKEncodedImageFormat.Jpeg, JpegQuality) : image.Encode(SKEncodedImageFormat.Png, 100);
        return file.ToArray();
    }

    /// <summary>[Height, Width, 4].</summary>
    private float[] Expose()
    {
        float[] channels = new float[Width * Height * 4];
        var (sine, cosine) = Math.SinCos(Rotation * Math.PI / 180);
        var (lightY, lightX) = Math.SinCos(LightAngle * Math.PI / 180);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                // The centre of the picture is (0, 0), its height 1.
                double right = (x + 0.5 - (Width / 2.0)) / Height;
                double down = ((y + 0.5) / Height) - 0.5;
                double depth = 1 + (Perspective.X * right) + (Perspective.Y * down);
                double u = ((cosine * right) + (sine * down)) / depth;
                double v = ((cosine * down) - (sine * right)) / depth;
                double upright = u + (Slant * v);
                double ink = 0;
                foreach (var placed in Glyphs)
                {
                    var box = placed.InkGlyph.Box;
                    double scale = placed.InkGlyph.Size / placed.Size;
                    ink = Math.Max(ink, placed.InkGlyph.Coverage(
                        ((upright - placed.X) * scale) + ((box.Left + box.Right) / 2.0), ((v - placed.Y) * scale) + ((box.Top + box.Bottom) / 2.0)));
                }

                double along = (lightX * right) + (lightY * down);
                double light = (1 - (Shading * (along + 0.6))) * (1 - (Shadow / (1 + Math.Exp(-along * 40))));
                var colour = Colour.Mix(Colour.Mix(Paper, Line, LineCoverage(u, v)), Ink, ink);
                int i = ((y * Width) + x) * 4;
                channels[i] = (float)(colour.Red * light);
                channels[i + 1] = (float)(colour.Green * light);
                channels[i + 2] = (float)(colour.Blue * light);
                channels[i + 3] = Transparent ? (float)ink : 1;
                if (Transparent && ink > 0)
                {
                    (channels[i], channels[i + 1], channels[i + 2]) = ((float)Ink.Red, (float)Ink.Green, (float)Ink.Blue);
                }
            }
        }

        return channels;
    }

    private double LineCoverage(double u, double v)
    {
        return Ruling == 0 ? 0 : Math.Max(Across(v), Squared ? Across(u) : 0);

        // A line is 1.2 pixels wide.
        double Across(double position) =>
            Math.Clamp(1.1 - (Height * Math.Abs(position - (Ruling * Math.Round(position / Ruling)))), 0, 1);
    }

    private float[] Defocus(float[] channels)
    {
        int reach = (int)Math.Ceiling(2.5 * Blur);
        float[] kernel = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(i => (float)Math.Exp(-i * i / (2 * Blur * Blur)))];
        float[] rows = Pass(channels, lines: Height, lineStride: 4 * Width, count: Width, stride: 4, kernel);
        return Pass(rows, lines: Width, lineStride: 4, count: Height, stride: 4 * Width, kernel);
    }

    /// <summary>Convolves every line of pixels with the kernel; the last pixel of a line goes on beyond its end.</summary>
    private static float[] Pass(float[] source, int lines, int lineStride, int count, int stride, float[] kernel)
    {
        float[] result = new float[source.Length];
        float norm = kernel.Sum();
        int reach = kernel.Length / 2;
        for (int line = 0; line < lines; line++)
        {
            for (int i = 0; i < count; i++)
            {
                var destination = result.AsSpan((line * lineStride) + (i * stride), 4);
                for (int k = 0; k < kernel.Length; k++)
                {
                    var pixel = source.AsSpan((line * lineStride) + (Math.Clamp(i + k - reach, 0, count - 1) * stride), 4);
                    for (int channel = 0; channel < 4; channel++)
                    {
                        destination[channel] += kernel[k] / norm * pixel[channel];
                    }
                }
            }
        }

        return result;
    }

    /// <summary>Normally distributed numbers, by Box and Muller's method.</summary>
    private static float[] DrawNormals(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
            (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
