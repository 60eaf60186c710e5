using System.Numerics.Tensors;
using Mnist.Training.Data;

namespace Mnist.Training.Evaluation;

/// <summary>One digit that got a wrong class.</summary>
/// <param name="Index">Its place in the data set.</param>
/// <param name="Label">The true digit.</param>
/// <param name="Class">The digit it was taken for.</param>
public sealed record Misclassification(int Index, int Label, int Class);

/// <summary>How well the probabilities that a data set got agree with its labels.</summary>
public sealed class EvaluationResult
{
    private EvaluationResult(ReadOnlySpan<byte> labels, ReadOnlySpan<int> classes, Calibration calibration)
    {
        List<Misclassification> errors = [];
        Confusion = [.. Enumerable.Range(0, DigitDataset.ClassCount).Select(_ => new int[DigitDataset.ClassCount])];
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
    /// The test digits (by index) whose label a majority of five human readers did not confirm. No network can be expected to get them right, and
    /// one that gets them all right has seen them.
    /// </summary>
    public static IReadOnlySet<int> DisputedTestLabels { get; } =
        new HashSet<int> { 947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729 };

    /// <summary>N, the number of digits.</summary>
    public int Count { get; }

    public IReadOnlyList<Misclassification> Errors { get; }

    /// <summary>How many digits of each label (row) got each class (column), [10][10].</summary>
    public IReadOnlyList<int[]> Confusion { get; }

    public Calibration Calibration { get; }

    /// <summary>Share of right classes, 0 to 1.</summary>
    public double Accuracy => (Count - Errors.Count) / (double)Count;

    /// <summary>Standard error of <see cref="Accuracy"/>: what another draw of as many digits would change it by, binomial.</summary>
    public double StandardError => Math.Sqrt(Accuracy * (1 - Accuracy) / Count);

    /// <summary>Compares probabilities, and the most probable classes, with the labels.</summary>
    /// <param name="labels">The true digits [N], at least one.</param>
    /// <param name="probabilities">[N,10].</param>
    public static EvaluationResult FromProbabilities(ReadOnlySpan<byte> labels, ReadOnlySpan<float> probabilities) =>
        new(labels, MostProbable(probabilities), Calibration.Measure(labels, probabilities));

    /// <summary>The most probable class of each row of [N,10] probabilities or logits.</summary>
    public static int[] MostProbable(ReadOnlySpan<float> probabilities)
    {
        int[] classes = new int[probabilities.Length / DigitDataset.ClassCount];
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] = TensorPrimitives.IndexOfMax(probabilities.Slice(i * DigitDataset.ClassCount, DigitDataset.ClassCount));
        }

        return classes;
    }
}
