using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Inference;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Tests.Training.Synthesis.Photos;

/// <summary>Simulated photos of test digits against the clean digits. <c>mnist evaluate --simulated-photos</c> measures more of them.</summary>
public sealed class PhotoSimulationTests
{
    private const int DigitsEach = 24;

    /// <summary>Smallest accuracy on photos relative to that on the clean digits.</summary>
    private const double OfClean = 0.99;

    [Test]
    public void All_Photos_AreReadAlmostAsWellAsCleanDigits()
    {
        AllDigits.Require();
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));
        PhotoResult[] results = [.. PhotoSimulation.All.Select((simulation, index) =>
            PhotoEvaluation.Run(simulation, network, TestData.MnistTest.Slice(index * DigitsEach, DigitsEach), seed: 1))];
        var all = PhotoResult.Total(results);

        Assert.That(all.Accuracy, Is.GreaterThanOrEqualTo(OfClean * all.CleanAccuracy), string.Join('\n', results.SelectMany(result => result.Examples
            .Where(answer => !answer.IsRight).Select(answer => $"{result.Name}: {answer.Label} as {answer.Class} {answer.Error?.Message}"))));
    }

    [Test]
    public void Blank_Photos_AreRejected()
    {
        byte[] nothing = new byte[DigitImage.PixelCount];
        var files = PhotoSimulation.Blank.SelectMany(blank => Enumerable.Range(0, 20).Select(seed => blank.Photograph(nothing, new Random(seed))));

        Assert.That(files.Select(file => DigitNormalizer.TryNormalize(file, out _, out _)), Is.All.False);
    }
}
