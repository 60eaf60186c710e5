using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>A point of a drawing. A glyph has its own unit; on a plane the unit is a pixel.</summary>
internal readonly record struct Point(double X, double Y);

/// <summary>Draws lines and areas with soft edges on a plane.</summary>
/// <param name="plane">Ink 1 on background 0.</param>
/// <param name="radius">Half the width of a line in pixels.</param>
internal sealed class Pen(Plane plane, double radius)
{
    /// <summary>Half the width of a random pen, in pixels of a 28x28 image.</summary>
    public static double RandomRadius(Random random) => 0.8 + (1.1 * random.NextDouble());

    /// <summary>Brightness of a random pen, 0 to 1.</summary>
    public static double RandomInk(Random random) => (190 + (65 * random.NextDouble())) / byte.MaxValue;

    /// <summary>Draws a line through the points; a single point is a dot.</summary>
    public void Line(IReadOnlyList<Point> points)
    {
        for (int i = 0; i < Math.Max(1, points.Count - 1); i++)
        {
            Segment(points[i], points[Math.Min(i + 1, points.Count - 1)]);
        }
    }

    /// <summary>Fills the area inside a closed outline by the even-odd rule.</summary>
    public void Fill(IReadOnlyList<Point> outline)
    {
        for (int y = 0; y < plane.Height; y++)
        {
            for (int x = 0; x < plane.Width; x++)
            {
                if (IsInside(outline, x, y))
                {
                    plane[x, y] = 1;
                }
            }
        }
    }

    private void Segment(Point from, Point to)
    {
        double dx = to.X - from.X;
        double dy = to.Y - from.Y;
        double length = (dx * dx) + (dy * dy);
        var (left, right) = Reach(from.X, to.X, plane.Width);
        var (top, bottom) = Reach(from.Y, to.Y, plane.Height);
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                double x = column - from.X;
                double y = row - from.Y;
                double along = length > 0 ? Math.Clamp(((x * dx) + (y * dy)) / length, 0, 1) : 0;
                double distance = double.Hypot(x - (along * dx), y - (along * dy));
                ref float ink = ref plane[column, row];
                ink = Math.Max(ink, (float)Math.Clamp(radius + 0.5 - distance, 0, 1));
            }
        }
    }

    /// <summary>First and last pixel, on one axis, that a line between two positions may touch.</summary>
    private (int First, int Last) Reach(double from, double to, int count) => (
        Math.Max(0, (int)Math.Floor(Math.Min(from, to) - radius - 1)), Math.Min(count - 1, (int)Math.Ceiling(Math.Max(from, to) + radius + 1)));

    private static bool IsInside(IReadOnlyList<Point> outline, double x, double y)
    {
        bool inside = false;
        for (int i = 0, before = outline.Count - 1; i < outline.Count; before = i++)
        {
            var (a, b) = (outline[i], outline[before]);
            inside ^= (a.Y > y) != (b.Y > y) && x < ((b.X - a.X) * (y - a.Y) / (b.Y - a.Y)) + a.X;
        }

        return inside;
    }
}
