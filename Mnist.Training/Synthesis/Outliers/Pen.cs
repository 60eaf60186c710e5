using Mnist.Training.Data;

namespace Mnist.Training.Synthesis.Outliers;

/// <summary>A point of a drawing; the unit is the drawing's own until it is placed on the image.</summary>
internal readonly record struct Point(double X, double Y);

/// <summary>Draws lines and areas on 28x28 grey pixels, with soft edges, as a pen does.</summary>
/// <param name="radius">Half the width of a line in pixels.</param>
/// <param name="ink">Grey level of the ink, 0 to 255.</param>
internal sealed class Pen(double radius, double ink)
{
    private const int Side = DigitDataset.ImageWidth;

    /// <summary>Pixels of the middle of MNIST's digits and of the longer side of their box.</summary>
    public const double Centre = 14;

    /// <inheritdoc cref="Centre"/>
    public const double Box = 20;

    /// <summary>Samples along each axis of a pixel, for the edges of areas.</summary>
    private const int Samples = 3;

    private readonly double[] _grey = new double[DigitDataset.PixelCount];

    /// <summary>A pen of random width and ink.</summary>
    public static Pen Draw(Random random) => new(0.8 + (1.1 * random.NextDouble()), 190 + (65 * random.NextDouble()));

    /// <summary>A line through points in pixels.</summary>
    public void Line(IReadOnlyList<Point> points)
    {
        for (int i = 0; i < Math.Max(1, points.Count - 1); i++)
        {
            Segment(points[i], points[Math.Min(i + 1, points.Count - 1)]);
        }
    }

    /// <summary>The area inside a closed line through points in pixels; where it crosses itself, by the even-odd rule.</summary>
    public void Fill(IReadOnlyList<Point> outline)
    {
        for (int i = 0; i < _grey.Length; i++)
        {
            int inside = 0;
            for (int sample = 0; sample < Samples * Samples; sample++)
            {
                double x = (i % Side) - 0.5 + (((sample % Samples) + 0.5) / Samples);
                double y = (i / Side) - 0.5 + (((sample / Samples) + 0.5) / Samples);
                inside += IsInside(outline, x, y) ? 1 : 0;
            }

            _grey[i] = Math.Max(_grey[i], ink * inside / (Samples * Samples));
        }
    }

    /// <summary>Writes the drawing [28,28].</summary>
    public void CopyTo(Span<byte> image)
    {
        for (int i = 0; i < _grey.Length; i++)
        {
            image[i] = (byte)Math.Round(_grey[i]);
        }
    }

    private void Segment(Point from, Point to)
    {
        double dx = to.X - from.X;
        double dy = to.Y - from.Y;
        double length = (dx * dx) + (dy * dy);
        var (left, right) = Reach(from.X, to.X);
        var (top, bottom) = Reach(from.Y, to.Y);
        for (int row = top; row <= bottom; row++)
        {
            for (int column = left; column <= right; column++)
            {
                double x = column - from.X;
                double y = row - from.Y;
                double along = length > 0 ? Math.Clamp(((x * dx) + (y * dy)) / length, 0, 1) : 0;
                var (offX, offY) = (x - (along * dx), y - (along * dy));
                ref double grey = ref _grey[(row * Side) + column];
                grey = Math.Max(grey, ink * Math.Clamp(radius + 0.5 - Math.Sqrt((offX * offX) + (offY * offY)), 0, 1));
            }
        }
    }

    /// <summary>The pixels along one axis that a line between two places touches.</summary>
    private (int First, int Last) Reach(double from, double to) => (
        Math.Max(0, (int)Math.Floor(Math.Min(from, to) - radius - 1)), Math.Min(Side - 1, (int)Math.Ceiling(Math.Max(from, to) + radius + 1)));

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
