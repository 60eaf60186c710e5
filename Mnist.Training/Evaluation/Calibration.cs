using Mnist.Core.Imaging;

namespace Mnist.Training.Evaluation;

/// <summary>Digits whose confidence, the largest of their probabilities, lies in an interval.</summary>
/// <param name="From">Lower bound, exclusive.</param>
/// <param name="To">Upper bound, inclusive.</param>
/// <param name="Count">Number of digits.</param>
/// <param name="ExpectedErrors">Sum of 1 - confidence: the number of errors that the network expects.</param>
/// <param name="Errors">Number of errors.</param>
public sealed record ConfidenceBin(double From, double To, int Count, double ExpectedErrors, int Errors);

/// <summary>How well probabilities agree with the frequency of right answers.</summary>
public sealed record Calibration
{
    private const int BinCount = 15;

    /// <summary>Edges 90 %, 99 %, ... 99.999 %: most confidences are near 1.</summary>
    private const int NinesCount = 5;

    /// <summary>
    /// Mean distance between accuracy and mean confidence over <see cref="Bins"/>, weighted by count, 0 to 1 (Guo et al. 2017, arXiv 1706.04599).
    /// </summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>Mean of -log p[label], in nats.</summary>
    public required double NegativeLogLikelihood { get; init; }

    /// <summary>Mean squared distance of the probabilities from the one-hot label, 0 to 2 (Brier 1950).</summary>
    public required double BrierScore { get; init; }

    /// <summary>Mean confidence, 0 to 1: the accuracy that the network expects.</summary>
    public required double MeanConfidence { get; init; }

    /// <summary>15 bins of equal width.</summary>
    public required IReadOnlyList<ConfidenceBin> Bins { get; init; }

    /// <summary>Bins that end at 90 %, 99 %, 99.9 %, 99.99 %, 99.999 % and 100 %.</summary>
    public required IReadOnlyList<ConfidenceBin> Nines { get; init; }

    /// <param name="labels">The true digits [N], at least one.</param>
    /// <param name="probabilities">[N,10].</param>
    internal static Calibration Measure(ReadOnlySpan<byte> labels, ReadOnlySpan<float> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(probabilities.Length, labels.Length * DigitImage.ClassCount, nameof(probabilities));
        int[] classes = EvaluationResult.MostProbable(probabilities);
        var answers = new (double Confidence, bool Right)[labels.Length];
        double likelihood = 0;
        double distance = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            var row = probabilities.Slice(i * DigitImage.ClassCount, DigitImage.ClassCount);
            answers[i] = (row[classes[i]], classes[i] == labels[i]);
            likelihood -= Math.Log(Math.Max(row[labels[i]], float.Epsilon));
            for (int digit = 0; digit < row.Length; digit++)
            {
                double difference = row[digit] - (digit == labels[i] ? 1.0 : 0);
                distance += difference * difference;
            }
        }

        var bins = Group(answers, [.. Enumerable.Range(0, BinCount + 1).Select(i => i / (double)BinCount)]);
        return new Calibration
        {
            ExpectedCalibrationError = bins.Sum(bin => Math.Abs(bin.Errors - bin.ExpectedErrors)) / labels.Length,
            NegativeLogLikelihood = likelihood / labels.Length,
            BrierScore = distance / labels.Length,
            MeanConfidence = answers.Average(answer => answer.Confidence),
            Bins = bins,
            Nines = Group(answers, [0, .. Enumerable.Range(1, NinesCount).Select(nines => 1 - Math.Pow(10, -nines)), 1]),
        };
    }

    private static ConfidenceBin[] Group((double Confidence, bool Right)[] answers, double[] edges)
    {
        int[] counts = new int[edges.Length - 1];
        int[] errors = new int[edges.Length - 1];
        double[] expected = new double[edges.Length - 1];
        foreach (var (confidence, right) in answers)
        {
            int bin = Array.FindIndex(edges, 1, counts.Length - 1, edge => confidence <= edge) is >= 0 and int edge ? edge - 1 : counts.Length - 1;
            counts[bin]++;
            errors[bin] += right ? 0 : 1;
            expected[bin] += 1 - confidence;
        }

        return [.. counts.Select((count, bin) => new ConfidenceBin(edges[bin], edges[bin + 1], count, expected[bin], errors[bin]))];
    }
}
