using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Training.Evaluation;

/// <summary>How the OOD detector decides on images of one kind.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Group">One of the group names of <see cref="OodEvaluation"/>.</param>
/// <param name="Count">Number of images.</param>
/// <param name="NotADigit">Share rejected as not a digit, 0 to 1.</param>
/// <param name="LowConfidence">Share rejected for low confidence, 0 to 1.</param>
/// <param name="Auroc">Area under the ROC curve, 0 to 1: probability that an MNIST digit has a higher OOD score than an image of this kind.</param>
public sealed record OodKindResult(string Name, string Group, int Count, double NotADigit, double LowConfidence, double Auroc)
{
    /// <summary>Share rejected for either reason, 0 to 1.</summary>
    public double Rejected => NotADigit + LowConfidence;
}

/// <summary>How well the OOD detector of a network separates digits from other images.</summary>
/// <param name="Threshold">The lowest OOD score of a digit.</param>
/// <param name="MinProbability">The lowest probability of the predicted class.</param>
/// <param name="MultiplyAdds">Cost of the detector per image, in addition to that of the classifier.</param>
/// <param name="Auroc">Mean AUROC over the kinds of outliers that count.</param>
/// <param name="Kinds">The result for each kind of image.</param>
public sealed record OodEvaluation(double Threshold, double MinProbability, long MultiplyAdds, double Auroc, IReadOnlyList<OodKindResult> Kinds)
{
    /// <summary>Group of the kinds that are digits.</summary>
    public const string Digits = "digits";

    /// <summary>Group of the outliers that the detector was trained on.</summary>
    public const string Shown = "no digits, shown in training";

    /// <summary>Group of the outliers that the detector was not trained on.</summary>
    public const string HeldOut = "no digits, held out of training";

    /// <summary>Group of the letters that look like digits.</summary>
    public const string Lookalikes = "letters like digits, not counted";

    private const int ImagesPerKind = 5_000;

    /// <summary>Runs the detector on digits and on every kind of outlier.</summary>
    /// <param name="network">A network with an OOD detector.</param>
    /// <param name="digits">Digits that it was not trained on.</param>
    /// <param name="fashion">Images of Fashion-MNIST [N,28,28]; empty to leave them out.</param>
    /// <param name="seed">Seed of the outliers; not the one of the training.</param>
    /// <param name="progress">Called with the fraction done, 0 to 1.</param>
    /// <exception cref="ArgumentException">The network has no OOD detector.</exception>
    public static OodEvaluation Measure(Network network, DigitDataset digits, byte[] fashion, int seed, Action<double> progress)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(digits);
        ArgumentNullException.ThrowIfNull(fashion);
        ArgumentNullException.ThrowIfNull(progress);
        var detector = network.OodDetector ?? throw new ArgumentException("The network has no OOD detector, expected one.", nameof(network));
        double[] reference = Scores(detector.Network, digits.Images);
        List<(string Name, string Group, Func<byte[]> Make)> sets =
        [
            ("MNIST", Digits, () => digits.Images),
            ("MNIST, thicker, thinner, blurred or paler", Digits, () => OtherDigits.Altered(digits, ImagesPerKind, seed)),
            ("drawn from outlines", Digits, () => OtherDigits.Drawn(ImagesPerKind, seed)),
            .. Outlier.All.Select(kind => (kind.Name, kind.TrainingShare > 0 ? Shown : HeldOut, (Func<byte[]>)(() => kind.Make(digits, ImagesPerKind, seed)))),
            (Outlier.Lookalike.Name, Lookalikes, () => Outlier.Lookalike.Make(digits, ImagesPerKind, seed)),
        ];
        if (fashion.Length > 0)
        {
            sets.Insert(sets.Count - 1, ("Fashion-MNIST", HeldOut, () => fashion));
        }

        var kinds = sets.Select((set, done) =>
        {
            byte[] images = set.Make();
            double[] scores = Scores(detector.Network, images);
            OodDecision[] decisions = [.. scores.Zip(Confidences(network, images), detector.Rule.Decide)];
            progress((done + 1.0) / sets.Count);
            return new OodKindResult(
                set.Name, set.Group, scores.Length, Share(decisions, OodDecision.NotADigit), Share(decisions, OodDecision.LowConfidence), AurocOf(reference, scores));
        }).ToList();
        double mean = kinds.Where(kind => kind.Group is Shown or HeldOut).Average(kind => kind.Auroc);
        return new OodEvaluation(detector.Rule.Threshold, detector.Rule.MinProbability, detector.Network.Stages[0].Architecture.MultiplyAdds, mean, kinds);
    }

    /// <summary>OOD score of each image [N], see <see cref="OodRule.Score"/>.</summary>
    /// <param name="detector">The network of the OOD detector.</param>
    /// <param name="images">[N,28,28].</param>
    public static double[] Scores(Network detector, byte[] images)
    {
        ArgumentNullException.ThrowIfNull(detector);
        return [.. BatchClassifier.Classify(detector, DigitDataset.Unlabelled(images)).Logits.Chunk(detector.ClassCount).Select(row => OodRule.Score(row))];
    }

    /// <summary>Probability of the predicted class of each image [N].</summary>
    /// <param name="network">The network or cascade that classifies digits.</param>
    /// <param name="images">[N,28,28].</param>
    public static double[] Confidences(Network network, byte[] images) =>
        BatchClassifier.Classify(network, DigitDataset.Unlabelled(images)).Confidences();

    /// <summary>Probability that a value of <paramref name="higher"/> exceeds one of <paramref name="lower"/>; ties count half.</summary>
    internal static double AurocOf(IReadOnlyList<double> higher, IReadOnlyList<double> lower)
    {
        // The Mann-Whitney U statistic: for each distinct score, pairs are counted with all lower values below it.
        var groups = higher.Select(score => (Score: score, IsHigher: true)).Concat(lower.Select(score => (Score: score, IsHigher: false)))
            .GroupBy(entry => entry.Score).OrderBy(group => group.Key);
        double below = 0;
        double pairs = 0;
        foreach (var group in groups)
        {
            int fromLower = group.Count(entry => !entry.IsHigher);
            int fromHigher = group.Count() - fromLower;
            pairs += fromHigher * (below + (fromLower / 2.0));
            below += fromLower;
        }

        return pairs / higher.Count / lower.Count;
    }

    private static double Share(OodDecision[] decisions, OodDecision decision) => decisions.Count(found => found == decision) / (double)decisions.Length;
}
