using Mnist.Benchmarks.Photos;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Benchmarks;

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
        int right = 0;
        int clean = 0;
        List<string> wrong = [];
        foreach (var (index, simulation) in PhotoSimulation.All.Index())
        {
            var digits = TestData.MnistTest.Slice(index * DigitsEach, DigitsEach);
            clean += digits.Count - EvaluationResult.FromProbabilities(digits.Labels, BatchClassifier.Classify(network, digits).Probabilities()).Errors.Count;
            var answers = PhotoEvaluation.Run(simulation, network, digits, seed: 1).Answers;
            right += answers.Count(answer => answer.Class == answer.Label);
            wrong.AddRange(answers.Where(answer => answer.Class != answer.Label).Select(answer => $"{simulation.Name}: {answer.Label} as {answer.Class} {answer.Fault?.Message}"));
        }

        Assert.That(right, Is.GreaterThanOrEqualTo(OfClean * clean), string.Join('\n', wrong));
    }

    [Test]
    public void BlankPaper_IsNeverRead()
    {
        byte[] nothing = new byte[DigitImage.PixelCount];
        var files = PhotoSimulation.Blank.SelectMany(blank => Enumerable.Range(0, 5).Select(seed => blank.Photograph(nothing, new Random(seed))));

        Assert.That(files.Select(file => DigitNormalizer.TryNormalize(file, out _, out _)), Is.All.False);
    }
}
