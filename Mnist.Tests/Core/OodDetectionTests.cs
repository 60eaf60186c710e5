using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Models;
using Mnist.Core.Settings;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Tests.Core;

/// <summary>The out-of-distribution detector of the shipped model, on images none of which may pass as a digit.</summary>
internal sealed class OodDetectionTests
{
    private const int Side = DigitImage.Width;
    private const int BatchSize = 64;

    private static readonly Lazy<NetworkModel> Shipped = new(() =>
        NetworkModel.Load(new MnistOptions { WeightsPath = Repository.PathOf("weights", "mnist.safetensors"), Workers = 1, MaxBatchSize = BatchSize }));

    [Test]
    public void EveryGreyLevel_IsNotADigit() => AssertNoDigits([.. Enumerable.Range(0, 256).Select(grey => Fill(_ => (byte)grey))]);

    [Test]
    public void SaltAndPepper_OfEveryDensity_IsNotADigit([Values(0, 64, 128, 255)] int background)
    {
        var random = new Random(11);
        AssertNoDigits([.. Enumerable.Range(1, 400).Select(i => Fill(_ => random.NextDouble() < i / 400.0 ? (byte)(random.Next(2) * 255) : (byte)background))]);
    }

    [Test]
    public void Salt_OfEveryDensity_IsNotADigit()
    {
        var random = new Random(12);
        AssertNoDigits([.. Enumerable.Range(1, 784).Select(i => Fill(_ => random.NextDouble() < i / 784.0 ? byte.MaxValue : (byte)0))]);
    }

    [Test]
    public void GaussianNoise_OfEveryStrength_IsNotADigit([Values(0, 32, 128, 224, 255)] int mean)
    {
        var random = new Random(13);
        AssertNoDigits([.. Enumerable.Range(1, 256).Select(deviation => Fill(_ => (byte)Math.Clamp(mean + (deviation * Normal(random)), 0, 255)))]);
    }

    [Test]
    public void UniformNoise_UpToEveryLevel_IsNotADigit()
    {
        var random = new Random(14);
        AssertNoDigits([.. Enumerable.Range(1, 255).Select(brightest => Fill(_ => (byte)random.Next(brightest + 1)))]);
    }

    [Test]
    public void CheckerboardsAndStripes_OfEveryWidth_AreNoDigits([Values] bool inverted)
    {
        byte[][] images = [.. Enumerable.Range(1, 14).SelectMany(width => new Func<int, int>[]
        {
            i => ((i % Side / width) + (i / Side / width)) % 2,
            i => i % Side / width % 2,
            i => i / Side / width % 2,
        }).Select(bright => Fill(i => (bright(i) == 1) == inverted ? (byte)0 : byte.MaxValue))];

        // Two wide stripes or squares are left and right of an edge: nothing that a pen draws.
        AssertNoDigits(images);
    }

    [Test]
    public void SinglePixelsAndInvertedDigits_AreNoDigits()
    {
        byte[][] dots = [.. Enumerable.Range(0, DigitImage.PixelCount).Select(pixel => Fill(i => i == pixel ? byte.MaxValue : (byte)0))];
        byte[][] inverted = [.. Digits().Select(digit => Fill(i => (byte)(255 - digit[i])))];

        AssertNoDigits([.. dots, .. inverted]);
    }

    [Test]
    public void Digits_OfTheSelfTest_AreDigits() => Assert.That(Detect([.. Digits()]), Is.All.EqualTo(OodDecision.Digit));

    private static void AssertNoDigits(byte[][] images)
    {
        var decisions = Detect(images);

        Assert.That(decisions.Index().Where(decision => decision.Item == OodDecision.Digit).Select(decision => decision.Index), Is.Empty, "indexes of images that passed");
    }

    private static List<OodDecision> Detect(byte[][] images)
    {
        List<OodDecision> decisions = [];
        foreach (byte[][] batch in images.Chunk(BatchSize))
        {
            float[] input = new float[batch.Length * DigitImage.PixelCount];
            InputScale.ToFloat(batch.SelectMany(image => image).ToArray(), input);
            float[] probabilities = new float[batch.Length * Predictions.ClassCount];
            Shipped.Value.Classify(0, input, batch.Length, probabilities);
            Softmax.Rows(probabilities, Predictions.ClassCount, probabilities);
            var found = new OodResult[batch.Length];
            Shipped.Value.DetectOod(0, input, probabilities, found);
            decisions.AddRange(found.Select(result => result.Decision));
        }

        return decisions;
    }

    private static IEnumerable<byte[]> Digits() => SelfTest.Digits.Select(digit =>
    {
        byte[] pixels = new byte[DigitImage.PixelCount];
        return DigitDecoder.TryDecode(Convert.FromBase64String(digit), pixels, out _) ? pixels : throw new InvalidOperationException();
    });

    private static byte[] Fill(Func<int, byte> pixel) => [.. Enumerable.Range(0, DigitImage.PixelCount).Select(pixel)];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
