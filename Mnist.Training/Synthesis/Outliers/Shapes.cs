namespace Mnist.Training.Synthesis.Outliers;

/// <summary>Drawings that are not digits, in the unit square.</summary>
internal static class Shapes
{
    private static readonly Point Middle = new(0.5, 0.5);

    /// <summary>Shapes that are used in training.</summary>
    public static LetterGlyph Known(Random random) => random.Next(12) switch
    {
        0 => new LetterGlyph([Around(24, 0.5)], IsFilled: true),
        1 => new LetterGlyph([Around(3, 0.5, -0.25)], IsFilled: true),
        2 => new LetterGlyph([Closed(Around(3, 0.5, -0.25))]),
        3 => new LetterGlyph([Around(4, 0.5, 0.125)], IsFilled: true),
        4 => new LetterGlyph([Closed(Around(4, 0.5, 0.125))]),
        5 => LetterGlyph.Parse("40 48|04 84"),
        6 => LetterGlyph.Parse("00 88|80 08"),
        7 => new LetterGlyph([Closed(Around(24, 0.5)), Closed(Around(24, 0.2))]),
        8 => new LetterGlyph([Closed(Around(24, 0.5)), [new Point(0, 0.5), new Point(1, 0.5)], [new Point(0.5, 0), new Point(0.5, 1)]]),
        9 => new LetterGlyph([[.. Enumerable.Range(0, 5 + random.Next(4)).Select(i => new Point(i / 6.0, i % 2))]]),
        10 => LetterGlyph.Parse("20 28|60 68|02 82|06 86"),
        _ => LetterGlyph.Parse("02 82|06 86"),
    };

    /// <summary>Shapes that are held out of training.</summary>
    public static LetterGlyph Unknown(Random random) => random.Next(8) switch
    {
        0 => new LetterGlyph([Star(random)]),
        1 => new LetterGlyph([Star(random)], IsFilled: true),
        2 => Turn(LetterGlyph.Parse("04 84|51 84 57"), random),
        3 => Turn(new LetterGlyph([[new(0, 0.35), new(0.6, 0.35), new(0.6, 0.1), new(1, 0.5), new(0.6, 0.9), new(0.6, 0.65), new(0, 0.65)]], IsFilled: true), random),
        4 => new LetterGlyph([Heart()], IsFilled: random.Next(2) == 0),
        5 => new LetterGlyph([[.. Enumerable.Range(0, 60).Select(i => Polar(0.5 * i / 60, i / 22.0))]]),
        6 => LetterGlyph.Parse("03 40 83|13 18 78 73|38 35 55 58"),
        _ => new LetterGlyph([Closed(Around(24, 0.5)), [new Point(0.32, 0.35)], [new Point(0.68, 0.35)], LetterGlyph.Curve([new(0.25, 0.62), new(0.5, 0.8), new(0.75, 0.62)])]),
    };

    /// <summary>A line through random points.</summary>
    public static LetterGlyph Scribble(Random random)
    {
        int count = 7 + random.Next(14);
        Point[] points = [.. Enumerable.Range(0, count).Select(_ => new Point(random.NextDouble(), random.NextDouble()))];
        return new LetterGlyph([random.Next(3) == 0 ? points : LetterGlyph.Curve(points)]);
    }

    /// <summary>A few unrelated strokes.</summary>
    public static LetterGlyph Strokes(Random random) => new([.. Enumerable.Range(0, 3 + random.Next(4)).Select(_ =>
        LetterGlyph.Curve([.. Enumerable.Range(0, 2 + random.Next(2)).Select(_ => new Point(random.NextDouble(), random.NextDouble()))]))]);

    private static Point Polar(double radius, double turns) =>
        new(Middle.X + (radius * Math.Cos(2 * Math.PI * turns)), Middle.Y + (radius * Math.Sin(2 * Math.PI * turns)));

    private static Point[] Around(int corners, double radius, double turn = 0) =>
        [.. Enumerable.Range(0, corners).Select(i => Polar(radius, turn + (i / (double)corners)))];

    private static Point[] Closed(Point[] outline) => [.. outline, outline[0]];

    private static Point[] Star(Random random)
    {
        int tips = 5 + random.Next(2);
        return Closed([.. Enumerable.Range(0, 2 * tips).Select(i => Polar(i % 2 == 0 ? 0.5 : 0.2, (i / (2.0 * tips)) - 0.25))]);
    }

    private static Point[] Heart() => [.. Enumerable.Range(0, 33).Select(i =>
    {
        double t = 2 * Math.PI * i / 32;
        double y = (13 * Math.Cos(t)) - (5 * Math.Cos(2 * t)) - (2 * Math.Cos(3 * t)) - Math.Cos(4 * t);
        return new Point(0.5 + (0.5 * Math.Pow(Math.Sin(t), 3)), 0.5 - (y / 32));
    })];

    private static LetterGlyph Turn(LetterGlyph glyph, Random random)
    {
        var (sine, cosine) = Math.SinCos(Math.PI * random.Next(8) / 4);
        return glyph with
        {
            Strokes = [.. glyph.Strokes.Select(stroke => (IReadOnlyList<Point>)[.. stroke.Select(point => new Point(
                Middle.X + (cosine * (point.X - Middle.X)) - (sine * (point.Y - Middle.Y)),
                Middle.Y + (sine * (point.X - Middle.X)) + (cosine * (point.Y - Middle.Y))))])],
        };
    }
}
