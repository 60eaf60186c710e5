namespace Mnist.Core.Imaging;

/// <summary>Copies of an image, each with a black square over another part (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014).</summary>
public static class Occlusion
{
    /// <summary>Side of the square in pixels.</summary>
    public const int PatchSize = 5;

    /// <summary>Pixels between the centres of neighbouring squares.</summary>
    public const int Stride = 2;

    /// <summary>Number of squares, and so of copies.</summary>
    public const int PatchCount = Steps * Steps;

    private const int Steps = (DigitImage.Width + Stride - 1) / Stride;

    /// <summary>One copy for each square, row by row of the squares' centres.</summary>
    public static IEnumerable<DigitImage> Copies(DigitImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Enumerable.Range(0, PatchCount).Select(patch =>
        {
            byte[] pixels = image.Pixels.ToArray();
            foreach (int pixel in PixelsOf(patch))
            {
                pixels[pixel] = 0;
            }

            return new DigitImage(pixels);
        });
    }

    /// <summary>Indexes of the pixels that a square covers: fewer than 25 at the borders of the image.</summary>
    internal static IEnumerable<int> PixelsOf(int patch)
    {
        int top = (patch / Steps * Stride) - (PatchSize / 2);
        int left = (patch % Steps * Stride) - (PatchSize / 2);
        for (int y = Math.Max(top, 0); y < Math.Min(top + PatchSize, DigitImage.Height); y++)
        {
            for (int x = Math.Max(left, 0); x < Math.Min(left + PatchSize, DigitImage.Width); x++)
            {
                yield return (y * DigitImage.Width) + x;
            }
        }
    }
}
