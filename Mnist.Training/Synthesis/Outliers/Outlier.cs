using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Makes an image that is no digit.</summary>
/// <param name="digits">What images that are made of digits are made of.</param>
/// <param name="random">Decides everything else.</param>
/// <param name="image">Receives [28,28]; holds zeros before.</param>
public delegate void NonDigitPainter(DigitDataset digits, Random random, Span<byte> image);

/// <summary>A kind of image that is no digit.</summary>
/// <param name="Name">What it is.</param>
/// <param name="TrainingShare">Of the images that training shows, in parts; 0 for a kind that is held out, to see how far training carries.</param>
/// <param name="Paint">Makes one.</param>
public sealed record Outlier(string Name, int TrainingShare, NonDigitPainter Paint)
{
    /// <summary>The kinds that count.</summary>
    public static IReadOnlyList<Outlier> All { get; } =
    [
        new("half digits", 4, Pieces.Half),
        new("half digits, centred", 4, Pieces.CentredHalf),
        new("two digits", 3, Pieces.Pair),
        new("two half digits", 3, Pieces.Window),
        new("digits on their side", 3, Pieces.Turned),
        new("inverted digits", 1, Pieces.Inverted),
        Drawn("shapes", 3, Shapes.Known),
        Drawn("scribbles", 3, Shapes.Scribble),
        Drawn("strokes", 3, Shapes.Strokes),
        Drawn("letters", 3, random => Pick(Alphabet.Letters, random)),
        new("uniform", 1, (_, random, image) => Patterns.Uniform(random, image)),
        new("Gaussian noise", 1, (_, random, image) => Patterns.GaussianNoise(random, image)),
        new("uniform noise", 1, (_, random, image) => Patterns.UniformNoise(random, image)),
        new("salt and pepper", 1, (_, random, image) => Patterns.SaltAndPepper(random, image)),
        new("clouds", 1, (_, random, image) => Patterns.Clouds(random, image)),
        new("stripes, checkerboards, slopes", 1, (_, random, image) => Patterns.Regular(random, image)),
        new("dots", 1, (_, random, image) => Patterns.Dots(random, image)),
        Drawn("stars, arrows, hearts, spirals", 0, Shapes.Unknown),
        Drawn("other letters", 0, random => Pick(Alphabet.OtherLetters, random)),
    ];

    /// <summary>Letters that share their form with digits: measured, but nobody could refuse them all.</summary>
    public static Outlier Lookalike { get; } = Drawn("letters like digits (B D G I O S Y Z b g q)", 0, random => Pick(Alphabet.Lookalikes, random));

    /// <summary><paramref name="count"/> images [N,28,28] of this kind.</summary>
    /// <param name="digits">What images that are made of digits are made of.</param>
    /// <param name="count">N.</param>
    /// <param name="seed">The same images for the same seed.</param>
    public byte[] Make(DigitDataset digits, int count, int seed)
    {
        var random = new Random(seed);
        byte[] images = new byte[count * DigitDataset.PixelCount];
        for (int i = 0; i < count; i++)
        {
            Paint(digits, random, images.AsSpan(i * DigitDataset.PixelCount, DigitDataset.PixelCount));
        }

        return images;
    }

    internal static T Pick<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];

    private static Outlier Drawn(string name, int trainingShare, Func<Random, LetterGlyph> glyph) =>
        new(name, trainingShare, (_, random, image) => glyph(random).Vary(random).Draw(random, image));
}
