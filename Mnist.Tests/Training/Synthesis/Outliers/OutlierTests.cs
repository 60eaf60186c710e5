using Mnist.Core.Imaging;
using Mnist.Training.Data;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Tests.Training.Synthesis.Outliers;

internal sealed class OutlierTests
{
    private static readonly DigitDataset Digits = TestData.MnistTest.Slice(0, 200);

    public static IEnumerable<Outlier> Kinds => Outlier.All.Append(Outlier.Lookalike);

    [TestCaseSource(nameof(Kinds))]
    public void Make_SameSeed_GivesTheSameImages(Outlier kind)
    {
        byte[] images = kind.Make(Digits, 20, seed: 1);

        Assert.That(kind.Make(Digits, 20, seed: 1), Is.EqualTo(images));
        Assert.That(kind.Make(Digits, 20, seed: 2), Is.Not.EqualTo(images));
        Assert.That(images.Chunk(DigitImage.PixelCount).Select(Convert.ToHexString).Distinct().Count(), Is.GreaterThan(10), "different images");
    }

    [Test]
    public void Make_Letters_AreFramedAsInMnist()
    {
        foreach (byte[] image in Outlier.Lookalike.Make(Digits, 100, seed: 3).Chunk(DigitImage.PixelCount))
        {
            AssertIsFramed(image);
        }
    }

    [Test]
    public void Make_TwoDigits_AreFramedAsInMnist()
    {
        foreach (byte[] image in Outlier.All.Single(kind => kind.Name == "two digits").Make(Digits, 50, seed: 3).Chunk(DigitImage.PixelCount))
        {
            AssertIsFramed(image);
        }
    }

    [Test]
    public void Make_HalfDigits_HaveAPartOfTheInk()
    {
        var one = Digits.Slice(0, 1);
        byte[] digit = one.Images;
        foreach (byte[] half in Outlier.All.Single(kind => kind.Name == "half digits").Make(one, 20, seed: 3).Chunk(DigitImage.PixelCount))
        {
            Assert.That(half.Index().All(pixel => pixel.Item == 0 || pixel.Item == digit[pixel.Index]), "only what the digit has");
            Assert.That(half.Count(pixel => pixel > 0), Is.InRange(10, digit.Count(pixel => pixel > 0) - 10));
        }
    }

    /// <summary>The longer side has 20 pixels, and the centre of mass is at 14, to half a pixel and the rounding of grey levels.</summary>
    private static void AssertIsFramed(byte[] image)
    {
        int[] ink = [.. Enumerable.Range(0, image.Length).Where(i => image[i] > 0)];
        int height = ink.Max(i => i / 28) - ink.Min(i => i / 28) + 1;
        int width = ink.Max(i => i % 28) - ink.Min(i => i % 28) + 1;
        double mass = image.Sum(pixel => (double)pixel);

        Assert.That(Math.Max(width, height), Is.EqualTo(20));
        Assert.That(ink.Sum(i => image[i] * (i % 28)) / mass, Is.EqualTo(14).Within(0.51));
        Assert.That(ink.Sum(i => image[i] * (i / 28)) / mass, Is.EqualTo(14).Within(0.51));
    }
}
