using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Benchmarks.Photos;

/// <summary>One simulated picture and what became of it.</summary>
/// <param name="File">The picture.</param>
/// <param name="Label">The digit that is on it.</param>
/// <param name="Digit">What the normalizer made of it; null when it refused.</param>
/// <param name="Fault">Why it refused.</param>
/// <param name="Class">What the network read.</param>
internal sealed record PhotoAnswer(byte[] File, int Label, DigitImage? Digit, ImageFault? Fault, int Class);

/// <summary>How digits are read after one way into a picture and back.</summary>
/// <param name="Name">Of the simulation.</param>
/// <param name="Answers">One for each digit.</param>
internal sealed record PhotoResult(string Name, IReadOnlyList<PhotoAnswer> Answers)
{
    /// <summary>Share of right classes, 0 to 1; a refused picture is not right.</summary>
    public double Accuracy => Answers.Count(answer => answer.Class == answer.Label) / (double)Answers.Count;

    public double Refused => Share(null);

    /// <summary>Share of the pictures refused for one reason, or for any.</summary>
    public double Share(ImageFaultKind? kind) =>
        Answers.Count(answer => answer.Fault is { } fault && (kind ?? fault.Kind) == fault.Kind) / (double)Answers.Count;
}

/// <summary>Photographs digits, normalizes the pictures and classifies the result.</summary>
internal static class PhotoEvaluation
{
    private const int Refused = -1;

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
            answers[i] = new PhotoAnswer(file, digits.Labels[i], digit, fault, Refused);
        });

        byte[] pixels = [.. answers.SelectMany(answer => answer.Digit is { } digit ? digit.Pixels.ToArray() : new byte[DigitImage.PixelCount])];
        int[] classes = EvaluationResult.MostProbable(BatchClassifier.Classify(network, new DigitDataset(pixels, digits.Labels)).Logits);
        return new PhotoResult(simulation.Name, [.. answers.Select((answer, i) => answer.Digit is null ? answer : answer with { Class = classes[i] })]);
    }
}
