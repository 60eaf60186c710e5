using Mnist.Core.Batching;
using Mnist.Core.Imaging;

namespace Mnist.Core;

/// <summary>
/// Tells which pixels decided, by hiding a part of the digit at a time: where the winning class loses much of its probability, something decisive was
/// hidden (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014). The copies are images as any other to the batcher.
/// </summary>
public static class Occlusion
{
    /// <summary>Side of the black square that hides a part.</summary>
    public const int PatchSize = 5;

    /// <summary>Pixels between the centres of two squares.</summary>
    public const int Stride = 2;

    private const int Steps = (DigitImage.Width + Stride - 1) / Stride;

    /// <summary>Images that one explained image costs: itself and a copy for each square.</summary>
    public const int ImageCount = 1 + Steps * Steps;

    /// <summary>A probability below this counts as this: the logarithm stays finite.</summary>
    private const double LeastProbability = 1e-9;

    /// <summary>The image, then its copies, row by row of the squares' centres.</summary>
    public static IReadOnlyList<DigitImage> Copies(DigitImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var copies = new List<DigitImage>(ImageCount) { image };
        for (int patch = 0; patch < Steps * Steps; patch++)
        {
            byte[] pixels = image.Pixels.ToArray();
            foreach (int pixel in PixelsOf(patch))
            {
                pixels[pixel] = 0;
            }

            copies.Add(new DigitImage(pixels));
        }

        return copies;
    }

    /// <summary>
    /// [28,28]: how much of the winning class's log-probability is lost where the pixel is hidden, the mean over the squares that hide it. Negative where
    /// the network is surer without the pixel, 0 where nothing is there to hide.
    /// </summary>
    /// <param name="predictions">Of <see cref="Copies"/>.</param>
    public static float[][] Explain(Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentOutOfRangeException.ThrowIfNotEqual(predictions.Count, ImageCount);
        int digit = predictions[0].Class;
        double whole = LogProbability(predictions, 0, digit);
        double[] sums = new double[DigitImage.PixelCount];
        int[] counts = new int[DigitImage.PixelCount];
        for (int patch = 0; patch < Steps * Steps; patch++)
        {
            double lost = whole - LogProbability(predictions, 1 + patch, digit);
            foreach (int pixel in PixelsOf(patch))
            {
                sums[pixel] += lost;
                counts[pixel]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => (float)(sum / count)).Chunk(DigitImage.Width)];
    }

    private static double LogProbability(Predictions predictions, int index, int digit) =>
        Math.Log(Math.Max(predictions.Probabilities(index)[digit], LeastProbability));

    /// <summary>The pixels that a square hides, as places in the image: fewer at its borders.</summary>
    private static IEnumerable<int> PixelsOf(int patch)
    {
        int top = patch / Steps * Stride - PatchSize / 2;
        int left = patch % Steps * Stride - PatchSize / 2;
        for (int y = Math.Max(top, 0); y < Math.Min(top + PatchSize, DigitImage.Height); y++)
        {
            for (int x = Math.Max(left, 0); x < Math.Min(left + PatchSize, DigitImage.Width); x++)
            {
                yield return y * DigitImage.Width + x;
            }
        }
    }
}
