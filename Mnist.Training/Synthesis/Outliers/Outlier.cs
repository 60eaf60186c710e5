using Mnist.Core.Imaging;
using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>A kind of image that is not a digit.</summary>
/// <param name="Name">Name in reports.</param>
/// <param name="TrainingShare">Relative frequency among the outliers in training; 0 for a kind that is held out, to measure generalisation.</param>
/// <param name="Paint">Paints one image [28,28], which holds zeros before. The digits are the material of outliers that are made of digits.</param>
internal sealed record Outlier(string Name, int TrainingShare, Action<DigitDataset, Random, Span<byte>> Paint)
{
    /// <summary>All kinds that the mean AUROC counts.</summary>
    public static IReadOnlyList<Outlier> All { get; } =
    [
        new("half digits", 4, Pieces.Half),
        new("half digits, centred", 4, Pieces.FramedHalf),
        new("two digits", 3, Pieces.Pair),
        new("two half digits", 3, Pieces.Window),
        new("digits on their side", 3, Pieces.Rotated),
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

    /// <summary>Letters that look like digits. They are measured but not counted: no detector could reject them all.</summary>
    public static Outlier Lookalike { get; } = Drawn("letters like digits (B D G I O S Y Z b g q)", 0, random => Pick(Alphabet.Lookalikes, random));

    /// <summary>Makes images of this kind.</summary>
    /// <param name="digits">Material of outliers that are made of digits.</param>
    /// <param name="count">N.</param>
    /// <param name="seed">The same seed gives the same images.</param>
    /// <returns>[N,28,28].</returns>
    public byte[] Make(DigitDataset digits, int count, int seed) => Make(count, seed, (random, image) => Paint(digits, random, image));

    /// <summary>Images [count,28,28] that <paramref name="paint"/> makes one after the other from one sequence of random numbers.</summary>
    internal static byte[] Make(int count, int seed, Action<Random, Span<byte>> paint)
    {
        var random = new Random(seed);
        byte[] images = new byte[count * DigitImage.PixelCount];
        for (int i = 0; i < count; i++)
        {
            paint(random, images.AsSpan(i * DigitImage.PixelCount, DigitImage.PixelCount));
        }

        return images;
    }

    internal static T Pick<T>(IReadOnlyList<T> items, Random random) => items[random.Next(items.Count)];

    private static Outlier Drawn(string name, int trainingShare, Func<Random, LetterGlyph> glyph) =>
        new(name, trainingShare, (_, random, image) => glyph(random).Vary(random).Draw(random, image));
}
