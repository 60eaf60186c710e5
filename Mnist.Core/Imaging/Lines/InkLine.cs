using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>A piece of ink on the photo.</summary>
/// <param name="Shape">The label of its shape.</param>
/// <param name="Box">The box around it.</param>
internal sealed record InkPiece(int Shape, PixelBox Box);

/// <summary>The pieces of a line on the photo.</summary>
/// <param name="Labels">[Height, Width]: 1 + the index of the piece that the pixel belongs to; 0 for the background, -1 for ink that is not part of the line.</param>
/// <param name="Pieces">From left to right.</param>
/// <param name="DigitHeight">The height of the line's digits, in pixels.</param>
/// <param name="Contrast">The mean difference of the ink from the background, in grey levels.</param>
internal sealed record InkLine(int[] Labels, IReadOnlyList<InkPiece> Pieces, double DigitHeight, float Contrast)
{
    // The smallest height and the smallest longer side of a digit, as shares of the height of the line's digits: a dash is flatter than any digit.
    private const double Lowest = 0.3;
    private const double Smallest = 0.45;

    /// <summary>Whether a box is too small for a digit of a line.</summary>
    public static bool IsSmall(PixelBox box, double digitHeight) => box.Height < Lowest * digitHeight || box.Size < Smallest * digitHeight;

    /// <summary>Whether a box is too small for a digit of this line.</summary>
    public bool IsFragment(PixelBox box) => IsSmall(box, DigitHeight);

    /// <summary>The box around the pieces from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    public PixelBox BoxOf(int start, int end) => Pieces.Take(start..end).Select(piece => piece.Box).Aggregate((a, b) => a.Union(b));

    /// <summary>Renders the pieces from <paramref name="start"/> to before <paramref name="end"/> as one digit; ink of other pieces counts as background.</summary>
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
        return DigitRenderer.Render(crop, digit, plane.Noise, photo.ToOriginal(box));
    }
}
