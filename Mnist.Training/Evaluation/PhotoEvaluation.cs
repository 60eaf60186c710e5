using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Training.Evaluation;

/// <summary>Simulates photos of digits, normalises them as the service does and classifies the result.</summary>
internal static class PhotoEvaluation
{
    private const int Unread = -1;
    private const int ExampleCount = 8;

    /// <summary>Evaluates one simulation.</summary>
    /// <param name="simulation">Makes the photos.</param>
    /// <param name="network">A network with an OOD detector.</param>
    /// <param name="digits">The digits; each is photographed once.</param>
    /// <param name="seed">Seed of the simulation.</param>
    public static PhotoResult Run(PhotoSimulation simulation, Network network, DigitDataset digits, int seed)
    {
        var answers = new PhotoAnswer[digits.Count];
        Parallel.For(0, digits.Count, i =>
        {
            byte[] file = simulation.Photograph(digits.Image(i).ToArray(), new Random(RandomNumbers.Seed(seed, 0, i)));
            DigitNormalizer.TryNormalize(file, out var digit, out var error);
            answers[i] = new PhotoAnswer(file, digits.Labels[i], digit, error, Unread, OodDecision.NotADigit);
        });

        byte[] pixels = [.. answers.SelectMany(answer => answer.Digit is { } digit ? digit.Pixels.ToArray() : new byte[DigitImage.PixelCount])];
        var read = BatchClassifier.Classify(network, DigitDataset.Unlabelled(pixels));
        int[] classes = EvaluationResult.MostProbable(read.Logits);
        var detector = network.OodDetector!;
        OodDecision[] decisions = [.. OodEvaluation.Scores(detector.Network, pixels).Zip(read.Confidences(), detector.Rule.Decide)];
        answers = [.. answers.Select((answer, i) => answer.Digit is null ? answer : answer with { Class = classes[i], OodDecision = decisions[i] })];
        return new PhotoResult(
            simulation.Name,
            digits.Count,
            digits.Count - EvaluationResult.Measure(network, digits).Errors.Count,
            answers.Count(answer => answer.IsRight),
            answers.Where(answer => answer.Error is not null).CountBy(answer => answer.Error!.Kind).ToDictionary(),
            answers.Count(answer => answer.OodDecision == OodDecision.Digit),
            [.. answers.OrderBy(answer => answer.IsRight).ThenBy(answer => answer.Error is not null).Take(ExampleCount)]);
    }
}
