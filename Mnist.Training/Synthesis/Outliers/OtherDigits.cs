using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>
/// Digits that look less like MNIST's: other pens, other hands. Without them, the OOD detector would learn to reject every digit that was not written
/// for MNIST.
/// </summary>
internal static class OtherDigits
{
    /// <summary>Digits [N,28,28] drawn from the outlines of <see cref="Alphabet.Digits"/>, as people draw on a screen.</summary>
    public static byte[] Drawn(int count, int seed) => Outlier.Make(count, seed, (random, image) =>
        Outlier.Pick(Outlier.Pick(Alphabet.Digits, random), random).Vary(random).Draw(random, image));

    /// <summary>Digits [N,28,28] with thicker or thinner strokes, blur or less contrast.</summary>
    public static byte[] Altered(DigitDataset digits, int count, int seed) => Outlier.Make(count, seed, (random, image) =>
    {
        var source = digits.Image(random.Next(digits.Count));
        switch (random.Next(4))
        {
            case 0:
                DigitFilters.ChangeStroke(source, image, 2, thinner: false);
                break;
            case 1:
                DigitFilters.ChangeStroke(source, image, 2, thinner: true);
                break;
            case 2:
                DigitFilters.Blur(source, image, 0.4 + (0.5 * random.NextDouble()));
                break;
            default:
                DigitFilters.ChangeContrast(source, image, 0.5 + (0.4 * random.NextDouble()));
                break;
        }
    });
}
