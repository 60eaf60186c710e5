using Mnist.Core.Imaging;

namespace Mnist.Tests.Core.Imaging;

public sealed class ResamplingTests
{
    private const double Tolerance = 1e-5;

    // A rectangle of ones from (2, 1) to (7, 4) on 10 x 6 pixels. Its overlap with another rectangle is a product of two lengths.
    private static readonly (double Left, double Top, double Right, double Bottom) Rectangle = (2, 1, 7, 4);

    [TestCase(0, 0, 2, 2, 5, 3)]
    [TestCase(0, 0, 1.25, 1.5, 8, 4)]
    [TestCase(0, 0, 10 / 3.0, 6 / 4.0, 3, 4)]
    [TestCase(1.3, 0.4, 0.7, 0.9, 9, 5)]
    [TestCase(-2.5, -1.5, 3, 2.2, 6, 5)]
    [TestCase(0, 0, 10, 6, 1, 1)]
    public void Crop_Rectangle_GivesTheCoveredShares(double left, double top, double stepX, double stepY, int width, int height)
    {
        var result = Resampling.Crop(Draw(), left, top, stepX, stepY, width, height);

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double expected = Overlap(left + (x * stepX), stepX, Rectangle.Left, Rectangle.Right) * Overlap(top + (y * stepY), stepY, Rectangle.Top, Rectangle.Bottom);
                Assert.That(result[x, y], Is.EqualTo(expected).Within(Tolerance), $"pixel {x}, {y}");
            }
        }
    }

    [TestCase(5, 3)]
    [TestCase(7, 4)]
    [TestCase(10, 6)]
    public void SumRgba_Rectangle_WeightsColourByAlpha(int width, int height)
    {
        // Inside, colour (200, 100, 50) with alpha 128; outside, transparent red.
        var drawn = Draw();
        uint[] rgba = [.. drawn.Values.ToArray().Select(value => value > 0 ? 0x80_32_64_C8 : 0x00_00_00_FF)];
        double stepX = 10.0 / width;
        double stepY = 6.0 / height;
        float[] sums = Resampling.SumRgba(rgba, 10, 6, width, height);

        for (int i = 0; i < width * height; i++)
        {
            double area = stepX * Overlap(i % width * stepX, stepX, Rectangle.Left, Rectangle.Right) * stepY * Overlap(i / width * stepY, stepY, Rectangle.Top, Rectangle.Bottom);
            double[] expected = [128 * 200 * area, 128 * 100 * area, 128 * 50 * area, 128 * area];
            Assert.That(sums[(4 * i)..(4 * (i + 1))], Is.EqualTo(expected).Within(1e-6).Percent.Or.EqualTo(expected).Within(0.05));
        }
    }

    [Test]
    public void Enlarge_Ramp_StaysARamp()
    {
        var ramp = new Plane(4, 3);
        for (int i = 0; i < ramp.Values.Length; i++)
        {
            ramp.Values[i] = (10 * (i % 4)) + (i / 4);
        }

        var large = Resampling.Enlarge(ramp, 8, 6);

        // Pixel centres are at (x + 0.5) / 2 - 0.5, clamped to the first and the last.
        Assert.That(large[3, 3], Is.EqualTo(10 * 1.25 + 1.25).Within(Tolerance));
        Assert.That((large[0, 0], large[7, 5]), Is.EqualTo((0f, 32f)));
    }

    private static Plane Draw()
    {
        var plane = new Plane(10, 6);
        for (int y = (int)Rectangle.Top; y < Rectangle.Bottom; y++)
        {
            plane.Row(y)[(int)Rectangle.Left..(int)Rectangle.Right].Fill(1);
        }

        return plane;
    }

    /// <summary>The share of the span from <paramref name="start"/> that lies between <paramref name="from"/> and <paramref name="to"/>.</summary>
    private static double Overlap(double start, double length, double from, double to) =>
        Math.Max(0, Math.Min(start + length, to) - Math.Max(start, from)) / length;
}
