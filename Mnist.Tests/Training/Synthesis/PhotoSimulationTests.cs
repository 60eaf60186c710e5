using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Inference;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Tests.Training.Synthesis;

/// <summary>Test digits, photographed and normalized, against the digits themselves; the command <c>photos</c> measures more of them.</summary>
public sealed class PhotoSimulationTests
{
    private const int DigitsEach = 24;

    /// <summary>The share of what clean digits score that photos of them must score.</summary>
    private const double OfClean = 0.99;

    [Test]
    public void Photos_OfEverySimulation_AreReadAlmostAsWellAsTheDigits()
    {
        AllDigits.Require();
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));
        PhotoResult[] results = [.. PhotoSimulation.All.Select((simulation, index) =>
            PhotoEvaluation.Run(simulation, network, TestData.MnistTest.Slice(index * DigitsEach, DigitsEach), seed: 1))];
        var all = PhotoResult.Total(results);

        Assert.That(all.Accuracy, Is.GreaterThanOrEqualTo(OfClean * all.CleanAccuracy), string.Join('\n', results.SelectMany(result => result.Examples
            .Where(answer => !answer.IsRight).Select(answer => $"{result.Name}: {answer.Label} as {answer.Class} {answer.Fault?.Message}"))));
    }

    [Test]
    public void BlankPaper_IsNeverRead()
    {
        byte[] nothing = new byte[DigitImage.PixelCount];
        var files = PhotoSimulation.Blank.SelectMany(blank => Enumerable.Range(0, 20).Select(seed => blank.Photograph(nothing, new Random(seed))));

        Assert.That(files.Select(file => DigitNormalizer.TryNormalize(file, out _, out _)), Is.All.False);
    }
}
