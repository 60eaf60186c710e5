using Mnist.Core.Imaging;
using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Outliers [28,28] that are made of digits: halves, pairs, digits rotated by 90 degrees, negatives.</summary>
internal static class Pieces
{
    private const int Side = DigitImage.Width;

    /// <summary>Half of a digit at its position. The upper and lower half of a one look like ones, so a one only loses its left or right half.</summary>
    public static void Half(DigitDataset digits, Random random, Span<byte> image)
    {
        int index = random.Next(digits.Count);
        digits.Image(index).CopyTo(image);
        var box = MnistFraming.BoxOf(ToPlane(image), edge: 0);
        int side = random.Next(digits.Labels[index] == 1 ? 2 : 4);
        for (int i = 0; i < image.Length; i++)
        {
            bool cut = side switch
            {
                0 => 2 * (i % Side) < box.X + box.Right - 1,
                1 => 2 * (i % Side) > box.X + box.Right - 1,
                2 => 2 * (i / Side) < box.Y + box.Bottom - 1,
                _ => 2 * (i / Side) > box.Y + box.Bottom - 1,
            };
            image[i] = cut ? (byte)0 : image[i];
        }
    }

    /// <summary>Half of a digit, framed like a whole one.</summary>
    public static void FramedHalf(DigitDataset digits, Random random, Span<byte> image)
    {
        Half(digits, random, image);
        MnistFraming.Frame(ToPlane(image), edge: 0).CopyTo(image);
    }

    /// <summary>Two digits side by side, framed like one.</summary>
    public static void Pair(DigitDataset digits, Random random, Span<byte> image) =>
        MnistFraming.Frame(SideBySide(digits, random).Pair, edge: 0).CopyTo(image);

    /// <summary>A window of 28 pixels around the boundary between two digits, with a part of each.</summary>
    public static void Window(DigitDataset digits, Random random, Span<byte> image)
    {
        var (pair, boundary) = SideBySide(digits, random);
        int left = boundary - (Side / 2) + random.Next(-4, 5);
        for (int i = 0; i < image.Length; i++)
        {
            int x = left + (i % Side);
            image[i] = x >= 0 && x < pair.Width ? (byte)pair[x, i / Side] : (byte)0;
        }
    }

    /// <summary>A digit rotated by 90 degrees in either direction; not 0 and 8, which can still be read.</summary>
    public static void Rotated(DigitDataset digits, Random random, Span<byte> image)
    {
        int index;
        do
        {
            index = random.Next(digits.Count);
        }
        while (digits.Labels[index] is 0 or 8);

        var digit = digits.Image(index);
        bool right = random.Next(2) == 0;
        for (int i = 0; i < image.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            image[i] = right ? digit[((Side - 1 - x) * Side) + y] : digit[(x * Side) + Side - 1 - y];
        }
    }

    /// <summary>A dark digit on a bright background.</summary>
    public static void Inverted(DigitDataset digits, Random random, Span<byte> image)
    {
        var digit = digits.Image(random.Next(digits.Count));
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (byte)(byte.MaxValue - digit[i]);
        }
    }

    /// <summary>Two digits side by side, 28 pixels high, and the column of the boundary between them.</summary>
    private static (Plane Pair, int Boundary) SideBySide(DigitDataset digits, Random random)
    {
        var first = ToPlane(digits.Image(random.Next(digits.Count)));
        var second = ToPlane(digits.Image(random.Next(digits.Count)));
        var (left, right) = (MnistFraming.BoxOf(first, edge: 0), MnistFraming.BoxOf(second, edge: 0));
        int gap = random.Next(-1, 6);
        int start = left.Width + gap;
        var pair = new Plane(start + right.Width, Side);
        for (int y = 0; y < Side; y++)
        {
            first.Row(y).Slice(left.X, left.Width).CopyTo(pair.Row(y));
            for (int x = 0; x < right.Width; x++)
            {
                ref float pixel = ref pair[start + x, y];
                pixel = Math.Max(pixel, second[right.X + x, y]);
            }
        }

        return (pair, start - (gap / 2));
    }

    private static Plane ToPlane(ReadOnlySpan<byte> image) => new(Side, Side, Array.ConvertAll(image.ToArray(), pixel => (float)pixel));
}
