using SkiaSharp;

namespace Mnist.Training.Synthesis.Photos;

/// <summary>An sRGB colour, 0 to 1 per channel.</summary>
internal readonly record struct Colour(double Red, double Green, double Blue)
{
    public static Colour Grey(double level) => new(level, level, level);

    public static Colour Mix(Colour a, Colour b, double share) =>
        new(a.Red + (share * (b.Red - a.Red)), a.Green + (share * (b.Green - a.Green)), a.Blue + (share * (b.Blue - a.Blue)));
}

/// <summary>A digit on the paper. Position and size are fractions of the photo's height.</summary>
/// <param name="Glyph">The digit.</param>
/// <param name="X">Centre of the ink, right of the photo's centre.</param>
/// <param name="Y">Centre of the ink, below the photo's centre.</param>
/// <param name="Size">The longer side of the ink.</param>
internal sealed record PlacedGlyph(InkGlyph Glyph, double X, double Y, double Size);

/// <summary>Paper with digits, and the light and the camera that photograph it.</summary>
internal sealed record Scene
{
    /// <summary>Precomputed noise: drawing it for every sample would take most of the time. The prime length hides the repetition.</summary>
    private static readonly float[] Normals = DrawNormals(65_521);

    /// <summary>Width of the photo in pixels.</summary>
    public int Width { get; init; } = 400;

    /// <summary>Height of the photo in pixels.</summary>
    public int Height { get; init; } = 300;

    public IReadOnlyList<PlacedGlyph> Glyphs { get; init; } = [];

    public Colour Ink { get; init; } = Colour.Grey(0.1);

    public Colour Paper { get; init; } = Colour.Grey(0.95);

    /// <summary>Distance between ruled lines as a fraction of the height; 0 for plain paper.</summary>
    public double Ruling { get; init; }

    /// <summary>Whether there are vertical lines, too.</summary>
    public bool Squared { get; init; }

    /// <summary>Colour of the ruled lines.</summary>
    public Colour Line { get; init; } = new(0.65, 0.75, 0.9);

    /// <summary>Rotation of the camera in degrees.</summary>
    public double Rotation { get; init; }

    /// <summary>Slant of the digits to the right: horizontal shift per unit of height.</summary>
    public double Slant { get; init; }

    /// <summary>Relative change of the scale per photo height, from left to right and from top to bottom.</summary>
    public (double X, double Y) Perspective { get; init; }

    /// <summary>Fraction of the light that is lost per photo height in the direction of <see cref="LightAngle"/>.</summary>
    public double Shading { get; init; }

    /// <summary>Direction in which the light falls off and the shadow begins, in degrees.</summary>
    public double LightAngle { get; init; }

    /// <summary>Fraction of the light that a shadow with a soft edge takes; 0 for no shadow.</summary>
    public double Shadow { get; init; }

    /// <summary>Standard deviation of the lens blur, in pixels.</summary>
    public double Blur { get; init; }

    /// <summary>Standard deviation of the sensor noise, in grey levels.</summary>
    public double Noise { get; init; }

    /// <summary>JPEG quality, 1 to 100; 0 writes a PNG.</summary>
    public int JpegQuality { get; init; }

    /// <summary>Whether the paper is transparent.</summary>
    public bool Transparent { get; init; }

    /// <summary>The photo as an image file.</summary>
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

    /// <summary>Renders the scene without blur and noise: RGBA [Height, Width, 4], 0 to 1.</summary>
    private float[] Expose()
    {
        float[] channels = new float[Width * Height * 4];
        var (sine, cosine) = Math.SinCos(Rotation * Math.PI / 180);
        var (lightY, lightX) = Math.SinCos(LightAngle * Math.PI / 180);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                // The centre of the photo is (0, 0) and its height is 1.
                double right = (x + 0.5 - (Width / 2.0)) / Height;
                double down = ((y + 0.5) / Height) - 0.5;
                double depth = 1 + (Perspective.X * right) + (Perspective.Y * down);
                double u = ((cosine * right) + (sine * down)) / depth;
                double v = ((cosine * down) - (sine * right)) / depth;
                double upright = u + (Slant * v);
                double ink = 0;
                foreach (var placed in Glyphs)
                {
                    var box = placed.Glyph.Box;
                    double scale = placed.Glyph.Size / placed.Size;
                    ink = Math.Max(ink, placed.Glyph.Coverage(
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

    /// <summary>Share of a ruled line, 0 to 1, at a point of the paper.</summary>
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

    /// <summary>Convolves every row or column with the kernel; edge pixels are repeated beyond the edge.</summary>
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

    private static float[] DrawNormals(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormals(deviation: 1).First)];
    }
}
