using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>
/// Digits that look less like MNIST's: other pens, other hands. Without them a network would learn that what is not rendered as MNIST was is no digit.
/// </summary>
public static class OtherDigits
{
    /// <summary>Digits [N,28,28] that are drawn from outlines of our own, as people draw them on a screen.</summary>
    public static byte[] Drawn(int count, int seed) => Make(count, seed, (random, image) =>
        Outlier.Pick(Outlier.Pick(Alphabet.Digits, random), random).Vary(random).Draw(random, image));

    /// <summary>Digits [N,28,28] with thicker or thinner strokes, blurred or paler.</summary>
    public static byte[] Altered(DigitDataset digits, int count, int seed) => Make(count, seed, (random, image) =>
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

    private static byte[] Make(int count, int seed, Painter paint)
    {
        var random = new Random(seed);
        byte[] images = new byte[count * DigitDataset.PixelCount];
        for (int i = 0; i < count; i++)
        {
            paint(random, images.AsSpan(i * DigitDataset.PixelCount, DigitDataset.PixelCount));
        }

        return images;
    }

    private delegate void Painter(Random random, Span<byte> image);
}
