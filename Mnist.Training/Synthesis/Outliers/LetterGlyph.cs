using System.Globalization;
using Mnist.Core.Imaging;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>A letter, a digit or a shape as the strokes of a pen.</summary>
/// <param name="Strokes">The points of each stroke, in any unit.</param>
/// <param name="IsFilled">Whether the strokes are outlines of filled areas.</param>
internal sealed record LetterGlyph(IReadOnlyList<IReadOnlyList<Point>> Strokes, bool IsFilled = false)
{
    /// <summary>Line segments between two given points of a curve.</summary>
    private const int CurvePoints = 5;

    /// <summary>Parsed points lie on a grid of nine columns and rows, 0 to 8.</summary>
    private const double Grid = 8;

    /// <summary>
    /// Parses a glyph such as <c>~12 30 60 72 54 08|08 88</c>: strokes, separated by |, are lists of points, each a column and a row. A stroke that begins
    /// with ~ is a curve through its points.
    /// </summary>
    public static LetterGlyph Parse(string text) => new([.. text.Split('|').Select(stroke =>
    {
        Point[] points = [.. stroke.TrimStart('~').Split(' ').Select(point => new Point(
            int.Parse(point.AsSpan(0, 1), CultureInfo.InvariantCulture) / Grid, int.Parse(point.AsSpan(1, 1), CultureInfo.InvariantCulture) / Grid))];
        return stroke.StartsWith('~') ? Curve(points) : points;
    })]);

    /// <summary>A smooth line through the points (Catmull and Rom 1974).</summary>
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

    /// <summary>The glyph as another hand would draw it: every point moved at random, the whole rotated, slanted and stretched a little.</summary>
    /// <param name="random">Source of the variation.</param>
    /// <param name="degrees">Largest rotation in either direction.</param>
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

    /// <summary>Draws the glyph at four times the resolution and frames it as MNIST does.</summary>
    /// <param name="random">Source of the pen's width and brightness.</param>
    /// <param name="image">Receives [28,28].</param>
    public void Draw(Random random, Span<byte> image)
    {
        const int Supersampling = 4;
        var all = Strokes.SelectMany(stroke => stroke).ToList();
        var (left, top) = (all.Min(point => point.X), all.Min(point => point.Y));
        double side = Math.Max(all.Max(point => point.X) - left, all.Max(point => point.Y) - top);
        double scale = Supersampling * (MnistFraming.Side - 2) / Math.Max(side, 1e-3);
        double radius = Supersampling * Pen.RandomRadius(random);
        int margin = (int)Math.Ceiling(radius) + 1;
        int planeSide = (Supersampling * MnistFraming.Side) + (2 * margin);
        var plane = new Plane(planeSide, planeSide);
        var pen = new Pen(plane, radius);
        foreach (var stroke in Strokes)
        {
            Point[] placed = [.. stroke.Select(point => new Point(margin + ((point.X - left) * scale), margin + ((point.Y - top) * scale)))];
            if (IsFilled)
            {
                pen.Fill(placed);
            }
            else
            {
                pen.Line(placed);
            }
        }

        double ink = Pen.RandomInk(random);
        foreach (var (i, pixel) in MnistFraming.Frame(plane, edge: 0).Index())
        {
            image[i] = (byte)Math.Round(ink * pixel);
        }
    }

    private static double Uniform(Random random, double limit) => ((2 * random.NextDouble()) - 1) * limit;

    private static double Between(double before, double from, double to, double after, double t) =>
        from + (0.5 * t * (to - before + (t * ((2 * before) - (5 * from) + (4 * to) - after + (t * ((3 * (from - to)) + after - before))))));
}
