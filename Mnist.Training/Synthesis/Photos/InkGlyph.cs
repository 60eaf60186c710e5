namespace Mnist.Training.Synthesis.Photos;

/// <summary>A digit as it would be on paper, at 8 times the resolution: sharp strokes, as wide as they were or as wide as a thin pen makes them.</summary>
internal sealed class InkGlyph
{
    /// <summary>Pixels to a pixel of the digit.</summary>
    private const int Scale = 8;

    private const int DigitSide = 28;

    public const int Side = DigitSide * Scale;

    private readonly float[] _coverage;

    private InkGlyph(float[] coverage)
    {
        _coverage = coverage;
        Box = BoxOf(coverage);
    }

    /// <summary>The ink: left, top, right and bottom, in pixels of the glyph.</summary>
    public (int Left, int Top, int Right, int Bottom) Box { get; }

    /// <summary>The longer side of the ink, in pixels of the glyph.</summary>
    public int Size => Math.Max(Box.Right - Box.Left, Box.Bottom - Box.Top);

    /// <summary>The strokes that the digit has.</summary>
    /// <param name="digit">[28,28].</param>
    public static InkGlyph Of(ReadOnlySpan<byte> digit)
    {
        float[] coverage = new float[Side * Side];
        for (int i = 0; i < coverage.Length; i++)
        {
            // A third of white is near the edge, and still there where a stroke was thin and grey.
            coverage[i] = Math.Clamp(((Interpolate(digit, i % Side, i / Side) - 0.35f) * Scale) + 0.5f, 0, 1);
        }

        return new InkGlyph(coverage);
    }

    /// <summary>
    /// The digit, drawn again along its skeleton with a thinner pen. What is wider than its strokes, such as a loop that ran full, stays as much wider.
    /// </summary>
    /// <param name="digit">[28,28].</param>
    /// <param name="width">Of the pen, in pixels of the digit.</param>
    public static InkGlyph WithPen(ReadOnlySpan<byte> digit, double width)
    {
        bool[] strokes = [.. Of(digit)._coverage.Select(value => value >= 0.5f)];
        bool[] skeleton = Skeleton.Of(strokes, Side);
        var radii = Enumerable.Range(0, strokes.Length).Where(i => skeleton[i]).ToDictionary(i => i, i => DistanceToGround(strokes, i));
        double median = radii.Count > 0 ? radii.Values.Order().ElementAt(radii.Count / 2) : 0;
        double pen = width * Scale / 2;
        float[] coverage = new float[strokes.Length];
        foreach (var (pixel, radius) in radii)
        {
            DrawDisc(coverage, pixel, Math.Max(pen, radius - median + pen));
        }

        return new InkGlyph(coverage);
    }

    /// <summary>The share of ink, 0 to 1, around a point in pixels of the glyph.</summary>
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

    private static double DistanceToGround(bool[] strokes, int pixel)
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

    /// <summary>The digit's grey, 0 to 1, at a pixel of the glyph, by Catmull and Rom's cubic.</summary>
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
