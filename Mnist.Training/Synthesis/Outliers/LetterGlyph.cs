using System.Globalization;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>A letter, a digit or a shape as lines that a pen draws.</summary>
/// <param name="Strokes">The lines, in any unit.</param>
/// <param name="IsFilled">Whether the lines are outlines of areas.</param>
internal sealed record LetterGlyph(IReadOnlyList<IReadOnlyList<Point>> Strokes, bool IsFilled = false)
{
    /// <summary>Points of a curve between two of those it goes through.</summary>
    private const int CurvePoints = 5;

    /// <summary>Letters and digits are given on a grid of nine columns and rows.</summary>
    private const double Grid = 8;

    /// <summary>
    /// Reads a glyph such as <c>~12 30 60 72 54 08|08 88</c>: strokes, each a list of points, column and row from 0 to 8; a stroke that
    /// begins with ~ is a curve through its points.
    /// </summary>
    public static LetterGlyph Parse(string text) => new([.. text.Split('|').Select(stroke =>
    {
        Point[] points = [.. stroke.TrimStart('~').Split(' ').Select(point => new Point(
            int.Parse(point.AsSpan(0, 1), CultureInfo.InvariantCulture) / Grid, int.Parse(point.AsSpan(1, 1), CultureInfo.InvariantCulture) / Grid))];
        return stroke.StartsWith('~') ? Curve(points) : points;
    })]);

    /// <summary>A smooth line through points (Catmull and Rom 1974).</summary>
    public static IReadOnlyList<Point> Curve(IReadOnlyList<Point> points)
    {
        var curve = new List<Point> { points[0] };
        for (int i = 1; i < points.Count; i++)
        {
            var (before, from, to, after) = (points[Math.Max(i - 2, 0)], points[i - 1], points[i], points[Math.Min(i + 1, points.Count - 1)]);
            for (int step = 1; step <= CurvePoints; step++)
            {
                double t = step / (double)CurvePoints;
                curve.Add(new Point(Between(before.X, from.X, to.X, after.X, t), Between(before.Y, from.Y, to.Y, after.Y, t)));
            }
        }

        return curve;
    }

    /// <summary>The same with every point moved at random, turned, slanted and stretched a little, as another hand would draw it.</summary>
    /// <param name="random">The hand.</param>
    /// <param name="degrees">The largest rotation to either side.</param>
    public LetterGlyph Vary(Random random, double degrees = 12)
    {
        var (sine, cosine) = Math.SinCos(Uniform(random, degrees) * Math.PI / 180);
        double slant = Uniform(random, 0.25);
        double width = 0.6 + (0.6 * random.NextDouble());
        return this with
        {
            Strokes = [.. Strokes.Select(stroke => (IReadOnlyList<Point>)[.. stroke.Select(point =>
            {
                var (right, down) = random.NextNormals(0.015);
                double x = (width * (point.X + right - 0.5)) - (slant * (point.Y - 0.5));
                double y = point.Y + down - 0.5;
                return new Point((cosine * x) - (sine * y), (sine * x) + (cosine * y));
            })])],
        };
    }

    /// <summary>Draws the glyph as MNIST's digits are: the longer side of its box about 20 pixels, the centre of its ink in the middle.</summary>
    /// <param name="random">Decides pen and size.</param>
    /// <param name="image">Receives [28,28].</param>
    public void Draw(Random random, Span<byte> image)
    {
        var all = Strokes.SelectMany(stroke => stroke).ToList();
        var (left, top) = (all.Min(point => point.X), all.Min(point => point.Y));
        double side = Math.Max(all.Max(point => point.X) - left, all.Max(point => point.Y) - top);
        double scale = (Pen.Box - 2) * (0.9 + (0.2 * random.NextDouble())) / Math.Max(side, 1e-3);
        int pen = random.Next();
        Render(new Point(0, 0), image);
        var (x, y) = Pieces.CentreOf(image);
        Render(new Point(Pen.Centre - x, Pen.Centre - y), image);

        void Render(Point shift, Span<byte> target)
        {
            var drawing = Pen.Draw(new Random(pen));
            foreach (var stroke in Strokes)
            {
                Point[] placed = [.. stroke.Select(point => new Point(4 + ((point.X - left) * scale) + shift.X, 4 + ((point.Y - top) * scale) + shift.Y))];
                if (IsFilled)
                {
                    drawing.Fill(placed);
                }
                else
                {
                    drawing.Line(placed);
                }
            }

            drawing.CopyTo(target);
        }
    }

    private static double Uniform(Random random, double limit) => ((2 * random.NextDouble()) - 1) * limit;

    private static double Between(double before, double from, double to, double after, double t) =>
        from + (0.5 * t * (to - before + (t * ((2 * before) - (5 * from) + (4 * to) - after + (t * ((3 * (from - to)) + after - before))))));
}
