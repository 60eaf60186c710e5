using Mnist.Training.Data;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Tests.Training.Synthesis;

/// <summary>The images that are no digits.</summary>
internal sealed class OutlierTests
{
    private static readonly DigitDataset Digits = TestData.MnistTest.Slice(0, 200);

    public static IEnumerable<Outlier> Kinds => Outlier.All.Append(Outlier.Lookalike);

    [TestCaseSource(nameof(Kinds))]
    public void Make_TheSameSeed_GivesTheSameImagesAndAnotherSeedOthers(Outlier kind)
    {
        byte[] images = kind.Make(Digits, 20, seed: 1);

        Assert.That(kind.Make(Digits, 20, seed: 1), Is.EqualTo(images));
        Assert.That(kind.Make(Digits, 20, seed: 2), Is.Not.EqualTo(images));
        Assert.That(images.Chunk(DigitDataset.PixelCount).Select(Convert.ToHexString).Distinct().Count(), Is.GreaterThan(10), "different images");
    }

    [Test]
    public void Draw_OfAGlyph_IsCentredAndAsLargeAsADigit()
    {
        foreach (byte[] image in Outlier.Lookalike.Make(Digits, 100, seed: 3).Chunk(DigitDataset.PixelCount))
        {
            var (x, y) = Pieces.CentreOf(image);
            int[] ink = [.. Enumerable.Range(0, image.Length).Where(i => image[i] > 64)];
            int height = ink.Max(i => i / 28) - ink.Min(i => i / 28) + 1;
            int width = ink.Max(i => i % 28) - ink.Min(i => i % 28) + 1;

            Assert.That((x, y), Is.EqualTo((14.0, 14.0)).Using<(double X, double Y)>((a, b) => Math.Abs(a.X - b.X) < 0.3 && Math.Abs(a.Y - b.Y) < 0.3));
            Assert.That(Math.Max(width, height), Is.InRange(17, 24));
        }
    }

    [Test]
    public void Pair_IsCentredAndTwentyPixelsWide()
    {
        foreach (byte[] image in Outlier.All.Single(kind => kind.Name == "two digits").Make(Digits, 50, seed: 3).Chunk(DigitDataset.PixelCount))
        {
            int[] columns = [.. Enumerable.Range(0, image.Length).Where(i => image[i] > 0).Select(i => i % 28)];
            int[] rows = [.. Enumerable.Range(0, image.Length).Where(i => image[i] > 0).Select(i => i / 28)];

            Assert.That(Math.Max(columns.Max() - columns.Min(), rows.Max() - rows.Min()) + 1, Is.InRange(19, 23));
        }
    }

    [Test]
    public void Half_OfADigit_HasNoInkBeyondItsMiddle()
    {
        var one = Digits.Slice(0, 1);
        byte[] digit = one.Images;
        foreach (byte[] half in Outlier.All.Single(kind => kind.Name == "half digits").Make(one, 20, seed: 3).Chunk(DigitDataset.PixelCount))
        {
            Assert.That(half.Index().All(pixel => pixel.Item == 0 || pixel.Item == digit[pixel.Index]), "only what the digit has");
            Assert.That(half.Count(pixel => pixel > 0), Is.InRange(10, digit.Count(pixel => pixel > 0) - 10));
        }
    }
}
