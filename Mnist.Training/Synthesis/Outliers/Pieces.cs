using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Images [28,28] that are made of digits and are none: parts, pairs, digits on their side, negatives.</summary>
internal static class Pieces
{
    private const int Side = DigitDataset.ImageWidth;

    /// <summary>Half of a digit where it was. Upper and lower halves of a one are ones, so it only loses its left or right.</summary>
    public static void Half(DigitDataset digits, Random random, Span<byte> image)
    {
        int index = random.Next(digits.Count);
        digits.Image(index).CopyTo(image);
        var box = BoxOf(image);
        int side = random.Next(digits.Labels[index] == 1 ? 2 : 4);
        for (int i = 0; i < image.Length; i++)
        {
            bool cut = side switch
            {
                0 => 2 * (i % Side) < box.Left + box.Right,
                1 => 2 * (i % Side) > box.Left + box.Right,
                2 => 2 * (i / Side) < box.Top + box.Bottom,
                _ => 2 * (i / Side) > box.Top + box.Bottom,
            };
            image[i] = cut ? (byte)0 : image[i];
        }
    }

    /// <summary>Half of a digit, brought to the size and place of a whole one.</summary>
    public static void CentredHalf(DigitDataset digits, Random random, Span<byte> image)
    {
        byte[] half = new byte[image.Length];
        Half(digits, random, half);
        Place(half, Side, image);
    }

    /// <summary>Two digits side by side, brought to the size of one.</summary>
    public static void Pair(DigitDataset digits, Random random, Span<byte> image)
    {
        var (pair, width, _) = SideBySide(digits, random);
        Place(pair, width, image);
    }

    /// <summary>What a frame of 28 pixels shows where two digits meet: a part of each.</summary>
    public static void Window(DigitDataset digits, Random random, Span<byte> image)
    {
        var (pair, width, meeting) = SideBySide(digits, random);
        int left = meeting - (Side / 2) + random.Next(-4, 5);
        for (int i = 0; i < image.Length; i++)
        {
            int x = left + (i % Side);
            image[i] = x >= 0 && x < width ? pair[(i / Side * width) + x] : (byte)0;
        }
    }

    /// <summary>A digit on its left or right side; zeros and eights still read like one.</summary>
    public static void Turned(DigitDataset digits, Random random, Span<byte> image)
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

    /// <summary>A dark digit on bright ground.</summary>
    public static void Inverted(DigitDataset digits, Random random, Span<byte> image)
    {
        var digit = digits.Image(random.Next(digits.Count));
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (byte)(byte.MaxValue - digit[i]);
        }
    }

    /// <summary>Centre of mass of an image [28,width] in pixels; the middle of a digit's image where it is black.</summary>
    public static (double X, double Y) CentreOf(ReadOnlySpan<byte> image, int width = Side)
    {
        double sum = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < image.Length; i++)
        {
            sum += image[i];
            x += image[i] * (i % width);
            y += image[i] * (i / width);
        }

        return sum > 0 ? (x / sum, y / sum) : (Pen.Centre, Pen.Centre);
    }

    /// <summary>Two digits as one image [28,width], and the column where they meet.</summary>
    private static (byte[] Pixels, int Width, int Meeting) SideBySide(DigitDataset digits, Random random)
    {
        var first = digits.Image(random.Next(digits.Count));
        var second = digits.Image(random.Next(digits.Count));
        var (left, right) = (BoxOf(first), BoxOf(second));
        int gap = random.Next(-1, 6);
        int start = left.Right - left.Left + 1 + gap;
        int width = start + right.Right - right.Left + 1;
        byte[] pixels = new byte[Side * width];
        for (int y = 0; y < Side; y++)
        {
            first.Slice((y * Side) + left.Left, left.Right - left.Left + 1).CopyTo(pixels.AsSpan(y * width));
            for (int x = right.Left; x <= right.Right; x++)
            {
                ref byte pixel = ref pixels[(y * width) + start + x - right.Left];
                pixel = Math.Max(pixel, second[(y * Side) + x]);
            }
        }

        return (pixels, width, start - (gap / 2));
    }

    /// <summary>Scales an image [28,width] so that the longer side of its ink's box has 20 pixels, and moves the centre of mass to the middle.</summary>
    private static void Place(ReadOnlySpan<byte> source, int width, Span<byte> image)
    {
        const int Samples = 3;
        var box = BoxOf(source, width);
        double step = Math.Max(box.Right - box.Left + 1, box.Bottom - box.Top + 1) / Pen.Box;
        var (centreX, centreY) = CentreOf(source, width);
        for (int i = 0; i < image.Length; i++)
        {
            double sum = 0;
            for (int sample = 0; sample < Samples * Samples; sample++)
            {
                double x = (i % Side) - Pen.Centre - 0.5 + (((sample % Samples) + 0.5) / Samples);
                double y = (i / Side) - Pen.Centre - 0.5 + (((sample / Samples) + 0.5) / Samples);
                sum += Interpolate(source, width, centreX + (step * x), centreY + (step * y));
            }

            image[i] = (byte)Math.Round(sum / (Samples * Samples));
        }
    }

    private static double Interpolate(ReadOnlySpan<byte> source, int width, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        double upper = double.Lerp(At(source, left, top), At(source, left + 1, top), x - left);
        double lower = double.Lerp(At(source, left, top + 1), At(source, left + 1, top + 1), x - left);
        return double.Lerp(upper, lower, y - top);

        double At(ReadOnlySpan<byte> pixels, int column, int row) =>
            column >= 0 && column < width && row is >= 0 and < Side ? pixels[(row * width) + column] : 0;
    }

    /// <summary>The smallest box around all ink; the whole image where there is none.</summary>
    private static (int Left, int Top, int Right, int Bottom) BoxOf(ReadOnlySpan<byte> image, int width = Side)
    {
        var (left, top, right, bottom) = (width, Side, -1, -1);
        for (int i = 0; i < image.Length; i++)
        {
            if (image[i] > 0)
            {
                (left, right) = (Math.Min(left, i % width), Math.Max(right, i % width));
                (top, bottom) = (Math.Min(top, i / width), Math.Max(bottom, i / width));
            }
        }

        return right < 0 ? (0, 0, width - 1, Side - 1) : (left, top, right, bottom);
    }
}
