using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Tests.Core;

/// <summary>What the shipped weights make of images that are no digits: none of these may pass.</summary>
internal sealed class RejectTests
{
    private const int Side = DigitImage.Width;
    private const int BatchSize = 64;

    private static readonly Lazy<(BatchForward Forward, BatchJudge Judge)> Shipped = new(() =>
    {
        var network = DigitNetwork.Load(Repository.PathOf("weights", "mnist.safetensors"));
        return (network.CreateForward(BatchSize), network.CreateJudge(BatchSize)!);
    });

    [Test]
    public void EveryGreyLevel_IsNoDigit() => AssertNoDigits([.. Enumerable.Range(0, 256).Select(grey => Fill(_ => (byte)grey))]);

    [Test]
    public void SaltAndPepper_OfEveryDensity_IsNoDigit([Values(0, 64, 128, 255)] int ground)
    {
        var random = new Random(11);
        AssertNoDigits([.. Enumerable.Range(1, 400).Select(i => Fill(_ => random.NextDouble() < i / 400.0 ? (byte)(random.Next(2) * 255) : (byte)ground))]);
    }

    [Test]
    public void Salt_OfEveryDensity_IsNoDigit()
    {
        var random = new Random(12);
        AssertNoDigits([.. Enumerable.Range(1, 784).Select(i => Fill(_ => random.NextDouble() < i / 784.0 ? byte.MaxValue : (byte)0))]);
    }

    [Test]
    public void GaussianNoise_OfEveryStrength_IsNoDigit([Values(0, 32, 128, 224, 255)] int mean)
    {
        var random = new Random(13);
        AssertNoDigits([.. Enumerable.Range(1, 256).Select(deviation => Fill(_ => (byte)Math.Clamp(mean + (deviation * Normal(random)), 0, 255)))]);
    }

    [Test]
    public void UniformNoise_UpToEveryLevel_IsNoDigit()
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
    public void Digits_OfTheSelfTest_AreDigits() => Assert.That(Judge([.. Digits()]), Is.All.EqualTo(OodDecision.Digit));

    private static void AssertNoDigits(byte[][] images)
    {
        var verdicts = Judge(images);

        Assert.That(verdicts.Index().Where(verdict => verdict.Item == OodDecision.Digit).Select(verdict => verdict.Index), Is.Empty, "indexes of images that passed");
    }

    private static List<OodDecision> Judge(byte[][] images)
    {
        var (forward, judge) = Shipped.Value;
        List<OodDecision> verdicts = [];
        foreach (byte[][] batch in images.Chunk(BatchSize))
        {
            float[] input = new float[batch.Length * DigitImage.PixelCount];
            InputScale.ToFloat(batch.SelectMany(image => image).ToArray(), input);
            float[] probabilities = new float[batch.Length * Predictions.ClassCount];
            forward(input, batch.Length, probabilities);
            Softmax.Rows(probabilities, Predictions.ClassCount, probabilities);
            var found = new OodResult[batch.Length];
            judge(input, probabilities, found);
            verdicts.AddRange(found.Select(judgement => judgement.OodDecision));
        }

        return verdicts;
    }

    private static IEnumerable<byte[]> Digits() => SelfTest.Digits.Select(digit =>
        DigitDecoder.TryDecode(Convert.FromBase64String(digit), out var image, out _) ? image.Pixels.ToArray() : throw new InvalidOperationException());

    private static byte[] Fill(Func<int, byte> pixel) => [.. Enumerable.Range(0, DigitImage.PixelCount).Select(pixel)];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
