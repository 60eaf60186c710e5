using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis.Photos;

/// <summary>One way to make an image file of a digit: a drawing, a scan or a photo.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="Photograph">Makes an image file of a digit [28,28]; deterministic for the same digit and seed.</param>
internal sealed record PhotoSimulation(string Name, Func<byte[], Random, byte[]> Photograph)
{
    private static readonly Colour[] Inks = [Colour.Grey(0.08), new(0.1, 0.15, 0.6), new(0.75, 0.1, 0.1), new(0.1, 0.45, 0.2)];

    /// <summary>Simulations that the normaliser must handle.</summary>
    public static IReadOnlyList<PhotoSimulation> All { get; } =
    [
        new("as it is, 28x28 pixels", (digit, _) => DigitPng.Encode(digit)),
        Of("drawing program", (digit, random) => Plain(InkGlyph.Of(digit), random)),
        Of("drawing program, transparent", (digit, random) => Plain(InkGlyph.Of(digit), random) with
        {
            Transparent = true,
            Ink = random.Next(2) == 0 ? Colour.Grey(0) : Colour.Grey(1),
        }),
        Of("coloured ink on coloured paper", (digit, random) => Coloured(Plain(InkGlyph.Of(digit), random), random)),
        Of("thumbnail", (digit, random) => Plain(InkGlyph.Of(digit), random) with { Width = 48, Height = 48, Blur = 0.5, JpegQuality = 85 }),
        Of("scan", (digit, random) => Plain(InkGlyph.Of(digit), random) with
        {
            Ink = Inks[random.Next(Inks.Length)],
            Paper = new Colour(0.96, 0.95, 0.92),
            Rotation = Between(random, -4, 4),
            Blur = 0.7,
            Noise = 3,
            JpegQuality = 80,
        }),
        Of("photo", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random)),
        Of("photo, ruled paper", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random) with { Ruling = Between(random, 0.1, 0.25) }),
        Of("photo, squared paper", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random) with { Ruling = Between(random, 0.08, 0.16), Squared = true }),
        Of("photo, dark ruling", (digit, random) => DarklyRuled(Camera(Plain(InkGlyph.Of(digit), random), random), random)),
        Of("photo, shadow", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random) with { Shadow = Between(random, 0.25, 0.5) }),
        Of("photo, dim and noisy", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random) with
        {
            Paper = Colour.Grey(0.4), Ink = Colour.Grey(0.12), Noise = Between(random, 8, 14), JpegQuality = 50,
        }),
        Of("photo, chalk on a blackboard", (digit, random) => Camera(Plain(InkGlyph.Of(digit), random), random) with
        {
            Paper = new Colour(0.15, 0.25, 0.2), Ink = Colour.Grey(Between(random, 0.6, 0.9)), Noise = 8,
        }),
        Of("photo, thin pen", (digit, random) => Camera(Plain(InkGlyph.WithPen(digit, Between(random, 0.5, 1.2)), random, 0.4), random)),
        Of("photo, thin pen, ruled paper, shadow", (digit, random) => Camera(Plain(InkGlyph.WithPen(digit, Between(random, 0.6, 1.2)), random, 0.4), random) with
        {
            Ruling = Between(random, 0.1, 0.25), Shadow = Between(random, 0.2, 0.4),
        }),
    ];

    /// <summary>Photos of paper without a digit, plain or with pale lines.</summary>
    public static IReadOnlyList<PhotoSimulation> Blank { get; } =
    [
        Of("blank, drawing program", (_, _) => new Scene()),
        Of("blank, photo", (_, random) => Camera(new Scene(), random)),
        Of("blank, photo of ruled paper", (_, random) => Camera(new Scene(), random) with { Ruling = Between(random, 0.1, 0.25) }),
        Of("blank, photo of squared paper", (_, random) => Camera(new Scene(), random) with { Ruling = Between(random, 0.08, 0.16), Squared = true }),
        Of("blank, photo, shadow", (_, random) => Camera(new Scene(), random) with { Shadow = Between(random, 0.25, 0.5) }),
        Of("blank, dim and noisy photo", (_, random) => Camera(new Scene(), random) with { Paper = Colour.Grey(0.4), Noise = Between(random, 8, 14), JpegQuality = 50 }),
    ];

    /// <summary>Photos that must be rejected. The hardest have ruled lines as dark as a pale pen.</summary>
    public static IReadOnlyList<PhotoSimulation> ToReject { get; } =
    [
        .. Blank,
        Of("blank, photo of darkly ruled paper", (_, random) => DarklyRuled(Camera(new Scene(), random), random)),
        Two,
    ];

    /// <summary>The digit twice, side by side.</summary>
    private static PhotoSimulation Two => Of("photo, two digits", (digit, random) =>
    {
        var glyph = InkGlyph.Of(digit);
        double size = Between(random, 0.3, 0.5);
        double half = size / 2 * (glyph.Box.Right - glyph.Box.Left) / glyph.Size;
        double gap = size * Between(random, 0.2, 0.5);
        double y = Between(random, -0.1, 0.1);
        return Camera(new Scene { Glyphs = [new(glyph, -half - (gap / 2), y, size), new(glyph, half + (gap / 2), y, size)] }, random);
    });

    private static PhotoSimulation Of(string name, Func<byte[], Random, Scene> compose) =>
        new(name, (digit, random) => compose(digit, random).Photograph(random));

    private static Scene Plain(InkGlyph glyph, Random random, double smallest = 0.25)
    {
        double size = Between(random, smallest, 0.75);
        double reach = (0.8 - size) / 2;
        return new Scene { Glyphs = [new PlacedGlyph(glyph, Between(random, -reach, reach), Between(random, -reach, reach), size)] };
    }

    private static Scene Coloured(Scene scene, Random random)
    {
        // Ink and paper differ by at least half the range in one channel, whatever their brightness.
        Colour ink, paper;
        do
        {
            ink = new Colour(random.NextDouble(), random.NextDouble(), random.NextDouble());
            paper = new Colour(random.NextDouble(), random.NextDouble(), random.NextDouble());
        }
        while (Math.Max(Math.Abs(ink.Red - paper.Red), Math.Max(Math.Abs(ink.Green - paper.Green), Math.Abs(ink.Blue - paper.Blue))) < 0.5);

        return scene with { Ink = ink, Paper = paper, JpegQuality = 90 };
    }

    private static Scene Camera(Scene scene, Random random) => scene with
    {
        Ink = Inks[random.Next(Inks.Length)],
        Paper = new Colour(0.85, 0.84, 0.8),
        Rotation = Between(random, -6, 6),
        Perspective = (Between(random, -0.25, 0.25), Between(random, -0.25, 0.25)),
        Shading = Between(random, 0, 0.5),
        LightAngle = Between(random, 0, 360),
        Blur = Between(random, 0.5, 1.5),
        Noise = Between(random, 2, 6),
        JpegQuality = random.Next(50, 95),
    };

    private static Scene DarklyRuled(Scene scene, Random random) => scene with
    {
        Line = Colour.Mix(scene.Paper, scene.Ink, Between(random, 0.3, 0.5)),
        Ruling = Between(random, 0.08, 0.2),
        Squared = random.Next(2) == 0,
    };

    private static double Between(Random random, double low, double high) => low + ((high - low) * random.NextDouble());
}
