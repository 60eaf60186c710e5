using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Training.Evaluation;

/// <summary>Photographs digits, normalizes the pictures and classifies the result.</summary>
internal static class PhotoEvaluation
{
    private const int Unread = -1;
    private const int ExampleCount = 8;

    /// <summary>Takes digits through one simulation.</summary>
    /// <param name="simulation">The way into a picture.</param>
    /// <param name="network">The network.</param>
    /// <param name="digits">The digits.</param>
    /// <param name="seed">Decides what chance does; every digit has its own.</param>
    public static PhotoResult Run(PhotoSimulation simulation, Network network, DigitDataset digits, int seed)
    {
        var answers = new PhotoAnswer[digits.Count];
        Parallel.For(0, digits.Count, i =>
        {
            byte[] file = simulation.Photograph(digits.Image(i).ToArray(), new Random(RandomNumbers.Seed(seed, 0, i)));
            DigitNormalizer.TryNormalize(file, out var digit, out var fault);
            answers[i] = new PhotoAnswer(file, digits.Labels[i], digit, fault, Unread, OodDecision.NotADigit);
        });

        byte[] pixels = [.. answers.SelectMany(answer => answer.Digit is { } digit ? digit.Pixels.ToArray() : new byte[DigitImage.PixelCount])];
        var read = BatchClassifier.Classify(network, new DigitDataset(pixels, digits.Labels));
        int[] clean = Classes(BatchClassifier.Classify(network, digits));
        int[] classes = Classes(read);
        var rejector = network.OodDetector!;
        OodDecision[] verdicts = [.. OodTraining.Scores(rejector.Network, pixels).Zip(read.Confidences(), rejector.Rule.Decide)];
        answers = [.. answers.Select((answer, i) => answer.Digit is null ? answer : answer with { Class = classes[i], OodDecision = verdicts[i] })];
        return new PhotoResult(
            simulation.Name,
            digits.Count,
            clean.Zip(digits.Labels).Count(pair => pair.First == pair.Second),
            answers.Count(answer => answer.IsRight),
            answers.Where(answer => answer.Fault is not null).CountBy(answer => answer.Fault!.Kind).ToDictionary(),
            answers.Count(answer => answer.OodDecision == OodDecision.Digit),
            [.. answers.OrderBy(answer => answer.IsRight).ThenBy(answer => answer.Fault is not null).Take(ExampleCount)]);
    }

    private static int[] Classes(BatchAnswer answer) => EvaluationResult.MostProbable(answer.Logits);
}
