using Mnist.Training.Synthesis;

namespace Mnist.Tests.Training.Synthesis;

public class DigitFiltersTests
{
    private static readonly byte[] Digit = TestData.MnistTest.Image(8).ToArray();

    /// <summary>Every pixel differs from its neighbours, up to the edges.</summary>
    private static readonly byte[] Pattern = [.. Enumerable.Range(0, 784).Select(i => (byte)(((i % 28) * 37) + ((i / 28) * 101)))];

    private static readonly byte[][] Images = [Digit, Pattern];

    private delegate void Filter(ReadOnlySpan<byte> source, Span<byte> destination);

    [TestCase(0, 0)]
    [TestCase(3, -2)]
    [TestCase(-1, 0)]
    [TestCase(0, 28)]
    public void Move_ByWholePixels_CopiesExactly(int right, int down)
    {
        foreach (byte[] image in Images)
        {
            byte[] expected = FromPixels((x, y) => PixelAt(image, x - right, y - down));
            Assert.That(Apply(image, (source, result) => DigitFilters.Move(source, result, right: right, down: down)), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Move_ByQuarterTurns_PermutesExactly()
    {
        foreach (byte[] image in Images)
        {
            byte[] Turned(double degrees) => Apply(image, (source, result) => DigitFilters.Move(source, result, degrees));

            // Clockwise: the top row becomes the right column.
            Assert.That(Turned(90), Is.EqualTo(FromPixels((x, y) => image[((27 - x) * 28) + y])));
            Assert.That(Turned(-90), Is.EqualTo(FromPixels((x, y) => image[(x * 28) + 27 - y])));
            Assert.That(Turned(180), Is.EqualTo(image.Reverse()));
            Assert.That(Turned(360), Is.EqualTo(image));
        }
    }

    [TestCase(0, 0.8, 0)]
    [TestCase(0, 1.25, 1.5)]
    [TestCase(20, 1, 0)]
    [TestCase(-33, 1.1, -2.25)]
    public void Move_LinearRamp_IsTheRampAtTheSourcePosition(double degrees, double scale, double right)
    {
        // Bilinear interpolation is exact on a linear function, except at the edges, which are left out.
        byte[] ramp = FromPixels((x, y) => (5 * x) + (4 * y));
        byte[] moved = Apply(ramp, (source, result) => DigitFilters.Move(source, result, degrees, scale, right));
        double cosine = Math.Cos(degrees * Math.PI / 180);
        double sine = Math.Sin(degrees * Math.PI / 180);
        for (int y = 9; y < 19; y++)
        {
            for (int x = 9; x < 19; x++)
            {
                // The inverse of the clockwise rotation (u cos - v sin, u sin + v cos), with y downwards.
                double dx = (x - 13.5 - right) / scale;
                double dy = (y - 13.5) / scale;
                double u = 13.5 + (dx * cosine) + (dy * sine);
                double v = 13.5 - (dx * sine) + (dy * cosine);
                Assert.That(moved[(y * 28) + x], Is.EqualTo((5 * u) + (4 * v)).Within(0.5 + 1e-9), $"{x}, {y}");
            }
        }
    }

    [Test]
    public void ChangeStroke_EveryPixel_IsTheExtremeOfItsWindow([Values(2, 3)] int window, [Values] bool thinner)
    {
        int[] offsets = window == 2 ? [0, 1] : [-1, 0, 1];
        foreach (byte[] image in Images)
        {
            byte[] expected = FromPixels((x, y) =>
            {
                var neighbours = from down in offsets from right in offsets select PixelAt(image, x + right, y + down);
                return thinner ? neighbours.Min() : neighbours.Max();
            });
            Assert.That(Apply(image, (source, result) => DigitFilters.ChangeStroke(source, result, window, thinner)), Is.EqualTo(expected));
        }
    }

    [TestCase(0.5)]
    [TestCase(1.5)]
    public void Blur_Point_IsAGaussian(double sigma)
    {
        byte[] point = FromPixels((x, y) => (x, y) == (14, 12) ? 255 : 0);
        double Bell(int distance) => Math.Exp(-0.5 * Math.Pow(distance / sigma, 2));
        double mass = Enumerable.Range(-20, 41).Sum(Bell);

        byte[] blurred = Apply(point, (source, result) => DigitFilters.Blur(source, result, sigma));

        // The tail beyond three standard deviations is 0.3 % of each axis.
        byte[] expected = FromPixels((x, y) => (int)Math.Round(255 * Bell(x - 14) * Bell(y - 12) / (mass * mass)));
        Assert.That(blurred, Is.EqualTo(expected).Within(1));
        Assert.That(blurred[(12 * 28) + 14], Is.EqualTo(blurred.Max()));
        Assert.That(Apply(FromPixels((_, _) => 200), (source, result) => DigitFilters.Blur(source, result, sigma))[(14 * 28) + 14], Is.EqualTo(200));
    }

    [Test]
    public void AddNoise_Deviation_HasThatDeviationAndMeanZero()
    {
        byte[] grey = FromPixels((_, _) => 128);
        double[] noise = [.. Enumerable.Range(0, 50).SelectMany(seed => Apply(grey, (source, result) => DigitFilters.AddNoise(source, result, 16, new Random(seed)))).Select(pixel => pixel - 128.0)];

        // 39,200 samples have standard errors of 0.08 and 0.06; the tolerances are five of them.
        Assert.That(noise.Average(), Is.Zero.Within(0.4));
        Assert.That(Math.Sqrt(noise.Average(value => value * value)), Is.EqualTo(16).Within(0.3));
        Assert.That(Apply(FromPixels((_, _) => 0), (source, result) => DigitFilters.AddNoise(source, result, 64, new Random(1))), Has.Some.Zero.And.Some.GreaterThan((byte)64));
    }

    [Test]
    public void AddSaltAndPepper_Share_MakesThatShareBlackOrWhite()
    {
        byte[] grey = FromPixels((_, _) => 128);
        byte[] pixels = [.. Enumerable.Range(0, 50).SelectMany(seed => Apply(grey, (source, result) => DigitFilters.AddSaltAndPepper(source, result, 0.1, new Random(seed))))];

        // Of 39,200 pixels 1,960 are expected each, standard deviation 43; the tolerance is five of them.
        Assert.That(pixels.Count(pixel => pixel == 0), Is.EqualTo(1960).Within(215));
        Assert.That(pixels.Count(pixel => pixel == 255), Is.EqualTo(1960).Within(215));
        Assert.That(pixels.Distinct(), Is.EquivalentTo(new byte[] { 0, 128, 255 }));
    }

    [Test]
    public void ChangeContrast_Factor_ScalesTheDistanceFromTheMean()
    {
        double mean = Digit.Average(pixel => (double)pixel);

        byte[] pale = Apply(Digit, (source, result) => DigitFilters.ChangeContrast(source, result, 0.25));

        Assert.That(pale, Is.EqualTo(Digit.Select(pixel => mean + (0.25 * (pixel - mean)))).Within(0.5 + 1e-9));
        Assert.That(Apply(Digit, (source, result) => DigitFilters.ChangeContrast(source, result, 1)), Is.EqualTo(Digit));
    }

    private static byte[] Apply(byte[] source, Filter filter)
    {
        byte[] result = new byte[784];
        filter(source, result);
        return result;
    }

    private static int PixelAt(byte[] image, int x, int y) => x < 0 || x > 27 || y < 0 || y > 27 ? 0 : image[(y * 28) + x];

    private static byte[] FromPixels(Func<int, int, int> pixel) => [.. Enumerable.Range(0, 784).Select(i => (byte)pixel(i % 28, i / 28))];
}
