using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>A piece of ink on the picture.</summary>
/// <param name="Shape">The label of the shape that it belongs to.</param>
/// <param name="Box">What it covers.</param>
internal sealed record InkPiece(int Shape, PixelBox Box);

/// <summary>The pieces of a line on the picture.</summary>
/// <param name="Labels">[Height, Width]: 0, the number of the piece that the pixel belongs to, from 1 on, or -1 for ink that is none of the line's.</param>
/// <param name="Pieces">From left to right.</param>
/// <param name="DigitHeight">The height of the line's digits in pixels.</param>
/// <param name="Contrast">What the ink has on average, in grey levels.</param>
internal sealed record InkLine(int[] Labels, IReadOnlyList<InkPiece> Pieces, double DigitHeight, float Contrast)
{
    // The least height and the least size of a digit, as shares of the height of the line's digits: some are flat, and a dash is flatter.
    private const double Lowest = 0.3;
    private const double Smallest = 0.45;

    public static bool IsSmall(PixelBox box, double digitHeight) => box.Height < Lowest * digitHeight || box.Size < Smallest * digitHeight;

    public bool IsFragment(PixelBox box) => IsSmall(box, DigitHeight);

    /// <summary>What some neighbouring pieces cover together.</summary>
    public PixelBox BoxOf(int start, int end) => Pieces.Take(start..end).Select(piece => piece.Box).Aggregate((a, b) => a.Union(b));

    /// <summary>Some neighbouring pieces as a digit of MNIST; the ink of others, however close, is not seen.</summary>
    public DigitImage Render(InkPlane plane, int start, int end, Photo photo)
    {
        var box = BoxOf(start, end);
        int margin = box.Size;
        int left = Math.Max(0, box.X - margin);
        int top = Math.Max(0, box.Y - margin);
        var crop = new Plane(Math.Min(plane.Ink.Width, box.Right + margin) - left, Math.Min(plane.Ink.Height, box.Bottom + margin) - top);
        bool[] contains = new bool[crop.Values.Length];
        for (int y = 0; y < crop.Height; y++)
        {
            for (int x = 0; x < crop.Width; x++)
            {
                int label = Labels[((y + top) * plane.Ink.Width) + x + left];
                contains[(y * crop.Width) + x] = label > start && label <= end;
                crop[x, y] = label == 0 || (label > start && label <= end) ? plane.Ink[x + left, y + top] : 0;
            }
        }

        var digit = new FoundDigit(box with { X = box.X - left, Y = box.Y - top }, contains, Contrast);
        return DigitFrame.Render(crop, digit, plane.Noise, photo.ToOriginal(box));
    }
}
