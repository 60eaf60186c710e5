using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis.Photos;

/// <summary>A digit as it would look on paper, at 8 times the resolution, with sharp strokes of the original width or of a thin pen.</summary>
internal sealed class InkGlyph
{
    /// <summary>Glyph pixels per pixel of the digit.</summary>
    private const int Scale = 8;

    private const int DigitSide = DigitImage.Width;

    /// <summary>Width and height of a glyph in pixels.</summary>
    public const int Side = DigitSide * Scale;

    private readonly float[] _coverage;

    private InkGlyph(float[] coverage)
    {
        _coverage = coverage;
        Box = BoxOf(coverage);
    }

    /// <summary>Bounding box of the ink, in glyph pixels; right and bottom are exclusive.</summary>
    public (int Left, int Top, int Right, int Bottom) Box { get; }

    /// <summary>The longer side of <see cref="Box"/>, in glyph pixels.</summary>
    public int Size => Math.Max(Box.Right - Box.Left, Box.Bottom - Box.Top);

    /// <summary>The digit with its own strokes.</summary>
    /// <param name="digit">[28,28].</param>
    public static InkGlyph Of(ReadOnlySpan<byte> digit)
    {
        float[] coverage = new float[Side * Side];
        for (int i = 0; i < coverage.Length; i++)
        {
            // The threshold of about a third of white is near the edge of a stroke, and keeps strokes that are thin and grey.
            coverage[i] = Math.Clamp(((Interpolate(digit, i % Side, i / Side) - 0.35f) * Scale) + 0.5f, 0, 1);
        }

        return new InkGlyph(coverage);
    }

    /// <summary>
    /// The digit redrawn along its skeleton with a thinner pen. Parts that are wider than the median stroke, such as filled loops, stay wider by as much.
    /// </summary>
    /// <param name="digit">[28,28].</param>
    /// <param name="width">Width of the pen, in pixels of the digit.</param>
    public static InkGlyph WithPen(ReadOnlySpan<byte> digit, double width)
    {
        bool[] strokes = [.. Of(digit)._coverage.Select(value => value >= 0.5f)];
        bool[] skeleton = Skeleton.Of(strokes, Side);
        var radii = Enumerable.Range(0, strokes.Length).Where(i => skeleton[i]).ToDictionary(i => i, i => DistanceToBackground(strokes, i));
        double median = radii.Count > 0 ? radii.Values.Order().ElementAt(radii.Count / 2) : 0;
        double pen = width * Scale / 2;
        float[] coverage = new float[strokes.Length];
        foreach (var (pixel, radius) in radii)
        {
            DrawDisc(coverage, pixel, Math.Max(pen, radius - median + pen));
        }

        return new InkGlyph(coverage);
    }

    /// <summary>Share of ink, 0 to 1, at a point in glyph pixels; bilinear.</summary>
    public float Coverage(double x, double y)
    {
        if (x < Box.Left - 1 || x > Box.Right + 1 || y < Box.Top - 1 || y > Box.Bottom + 1)
        {
            return 0;
        }

        int left = (int)Math.Floor(x - 0.5);
        int top = (int)Math.Floor(y - 0.5);
        float across = (float)(x - 0.5 - left);
        float down = (float)(y - 0.5 - top);
        return ((1 - down) * (((1 - across) * At(left, top)) + (across * At(left + 1, top))))
            + (down * (((1 - across) * At(left, top + 1)) + (across * At(left + 1, top + 1))));
    }

    /// <summary>Distance, in pixels, from a pixel of a stroke to the nearest background pixel.</summary>
    private static double DistanceToBackground(bool[] strokes, int pixel)
    {
        var (x, y) = (pixel % Side, pixel / Side);
        for (int reach = 1; reach < Side; reach++)
        {
            double nearest = double.MaxValue;
            for (int i = 0; i < (2 * reach + 1) * (2 * reach + 1); i++)
            {
                var (dx, dy) = ((i % (2 * reach + 1)) - reach, (i / (2 * reach + 1)) - reach);
                var (column, row) = (x + dx, y + dy);
                if (column is < 0 or >= Side || row is < 0 or >= Side || !strokes[(row * Side) + column])
                {
                    nearest = Math.Min(nearest, Math.Sqrt((dx * dx) + (dy * dy)));
                }
            }

            if (nearest <= reach)
            {
                return nearest;
            }
        }

        return Side;
    }

    private static void DrawDisc(float[] coverage, int pixel, double radius)
    {
        int reach = (int)Math.Ceiling(radius + 0.5);
        for (int dy = -reach; dy <= reach; dy++)
        {
            for (int dx = -reach; dx <= reach; dx++)
            {
                var (x, y) = ((pixel % Side) + dx, (pixel / Side) + dy);
                if (x is >= 0 and < Side && y is >= 0 and < Side)
                {
                    ref float value = ref coverage[(y * Side) + x];
                    value = Math.Max(value, (float)Math.Clamp(radius + 0.5 - Math.Sqrt((dx * dx) + (dy * dy)), 0, 1));
                }
            }
        }
    }

    private float At(int x, int y) => x is >= 0 and < Side && y is >= 0 and < Side ? _coverage[(y * Side) + x] : 0;

    private static (int Left, int Top, int Right, int Bottom) BoxOf(float[] coverage)
    {
        int[] ink = [.. Enumerable.Range(0, coverage.Length).Where(i => coverage[i] > 0.5f)];
        return ink.Length == 0
            ? (0, 0, Side, Side)
            : (ink.Min(i => i % Side), ink.Min() / Side, ink.Max(i => i % Side) + 1, (ink.Max() / Side) + 1);
    }

    /// <summary>The digit's grey level, 0 to 1, at a glyph pixel; Catmull-Rom interpolation.</summary>
    private static float Interpolate(ReadOnlySpan<byte> digit, int x, int y)
    {
        double column = ((x + 0.5) / Scale) - 0.5;
        double row = ((y + 0.5) / Scale) - 0.5;
        int left = (int)Math.Floor(column);
        int top = (int)Math.Floor(row);
        double sum = 0;
        for (int j = -1; j <= 2; j++)
        {
            for (int i = -1; i <= 2; i++)
            {
                var (cx, cy) = (left + i, top + j);
                byte grey = cx is >= 0 and < DigitSide && cy is >= 0 and < DigitSide ? digit[(cy * DigitSide) + cx] : (byte)0;
                sum += grey * Cubic(column - cx) * Cubic(row - cy);
            }
        }

        return (float)(sum / byte.MaxValue);
    }

    private static double Cubic(double distance)
    {
        double t = Math.Abs(distance);
        return t < 1 ? 1 + (t * t * ((1.5 * t) - 2.5)) : t < 2 ? 2 + (t * (-4 + (t * (2.5 - (0.5 * t))))) : 0;
    }
}
