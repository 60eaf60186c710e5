using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>A digit that was classified wrong.</summary>
/// <param name="Index">Its index in the data set.</param>
/// <param name="Label">The true digit.</param>
/// <param name="Class">The predicted digit.</param>
public sealed record Misclassification(int Index, int Label, int Class);

/// <summary>Accuracy, confusion matrix and calibration of a network on a labelled data set.</summary>
public sealed class EvaluationResult
{
    private EvaluationResult(ReadOnlySpan<byte> labels, ReadOnlySpan<int> classes, Calibration calibration)
    {
        List<Misclassification> errors = [];
        Confusion = [.. Enumerable.Range(0, DigitImage.ClassCount).Select(_ => new int[DigitImage.ClassCount])];
        for (int i = 0; i < labels.Length; i++)
        {
            Confusion[labels[i]][classes[i]]++;
            if (classes[i] != labels[i])
            {
                errors.Add(new Misclassification(i, labels[i], classes[i]));
            }
        }

        Count = labels.Length;
        Errors = errors;
        Calibration = calibration;
    }

    /// <summary>
    /// Indexes of the test digits whose label a majority of five human readers did not confirm. No network can be expected to predict these labels; one
    /// that predicts all of them has seen them.
    /// </summary>
    public static IReadOnlySet<int> DisputedTestLabels { get; } =
        new HashSet<int> { 947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729 };

    /// <summary>N, the number of digits.</summary>
    public int Count { get; }

    public IReadOnlyList<Misclassification> Errors { get; }

    /// <summary>Confusion matrix [10][10]: number of digits by label (row) and predicted class (column).</summary>
    public IReadOnlyList<int[]> Confusion { get; }

    public Calibration Calibration { get; }

    /// <summary>Share of right classes, 0 to 1.</summary>
    public double Accuracy => (Count - Errors.Count) / (double)Count;

    /// <summary>Binomial standard error of <see cref="Accuracy"/>.</summary>
    public double StandardError => Math.Sqrt(Accuracy * (1 - Accuracy) / Count);

    /// <summary>Classifies digits and compares the result with their labels.</summary>
    public static EvaluationResult Measure(Network network, DigitDataset digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        return FromProbabilities(digits.Labels, BatchClassifier.Classify(network, digits).Probabilities());
    }

    /// <summary>Compares predicted probabilities with the labels.</summary>
    /// <param name="labels">The true digits [N], at least one.</param>
    /// <param name="probabilities">[N,10].</param>
    public static EvaluationResult FromProbabilities(ReadOnlySpan<byte> labels, ReadOnlySpan<float> probabilities) =>
        new(labels, MostProbable(probabilities), Calibration.Measure(labels, probabilities));

    /// <summary>The most probable class of each row of [N,10] probabilities or logits.</summary>
    public static int[] MostProbable(ReadOnlySpan<float> probabilities)
    {
        int[] classes = new int[probabilities.Length / DigitImage.ClassCount];
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] = TensorPrimitives.IndexOfMax(probabilities.Slice(i * DigitImage.ClassCount, DigitImage.ClassCount));
        }

        return classes;
    }
}
