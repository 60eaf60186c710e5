using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Training.Evaluation;

/// <summary>What becomes of images of one kind.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Group">Digits, kinds that training shows, kinds that are held out, or letters that look like digits.</param>
/// <param name="Count">Images.</param>
/// <param name="NotADigit">Share that is refused as no digit, 0 to 1.</param>
/// <param name="LowConfidence">Share that is refused for low confidence, 0 to 1.</param>
/// <param name="Auroc">
/// Probability that an MNIST digit has a higher score than an image of this kind, 0 to 1: the area under the curve of true over false acceptances.
/// </param>
public sealed record RejectKindResult(string Name, string Group, int Count, double NotADigit, double LowConfidence, double Auroc)
{
    public double Refused => NotADigit + LowConfidence;
}

/// <summary>How well a network tells digits from other images.</summary>
/// <param name="Threshold">Of the score.</param>
/// <param name="MinProbability">Of the class that is answered.</param>
/// <param name="MultiplyAdds">For one image, on top of those that read the digit.</param>
/// <param name="Auroc">Of digits against the images of all kinds that count, each kind weighing the same.</param>
/// <param name="Kinds">Each kind of image.</param>
public sealed record OodEvaluation(double Threshold, double MinProbability, long MultiplyAdds, double Auroc, IReadOnlyList<RejectKindResult> Kinds)
{
    public const string Digits = "digits";
    public const string Shown = "no digits, shown in training";
    public const string HeldOut = "no digits, held out of training";
    public const string Lookalikes = "letters like digits, not counted";

    private const int ImagesPerKind = 5_000;

    /// <summary>Judges digits and other images.</summary>
    /// <param name="network">Has a rejector.</param>
    /// <param name="digits">Digits that it was not trained on.</param>
    /// <param name="fashion">Images of Fashion-MNIST [N,28,28]; empty where they are not there.</param>
    /// <param name="seed">Decides the other images; not the seed of the training.</param>
    /// <param name="progress">Told the share that is done.</param>
    public static OodEvaluation Measure(Network network, DigitDataset digits, byte[] fashion, int seed, Action<double> progress)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(digits);
        ArgumentNullException.ThrowIfNull(fashion);
        ArgumentNullException.ThrowIfNull(progress);
        var rejector = network.OodDetector ?? throw new ArgumentException("The network has no rejector.", nameof(network));
        double[] reference = OodTraining.Scores(rejector.Network, digits.Images);
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
            double[] scores = OodTraining.Scores(rejector.Network, images);
            var verdicts = OodTraining.Confidences(network, images).Select((confidence, i) => rejector.Rule.Decide(scores[i], confidence)).ToList();
            progress((done + 1.0) / sets.Count);
            return new RejectKindResult(
                set.Name, set.Group, scores.Length, Share(verdicts, OodDecision.NotADigit), Share(verdicts, OodDecision.LowConfidence), AurocOf(reference, scores));
        }).ToList();
        double all = kinds.Where(kind => kind.Group is Shown or HeldOut).Average(kind => kind.Auroc);
        return new OodEvaluation(rejector.Rule.Threshold, rejector.Rule.MinProbability, rejector.Network.Stages[0].Architecture.MultiplyAdds, all, kinds);
    }

    /// <summary>Probability that one of <paramref name="higher"/> is above one of <paramref name="lower"/>; equal ones count half.</summary>
    internal static double AurocOf(IReadOnlyList<double> higher, IReadOnlyList<double> lower)
    {
        // Mann and Whitney's U from the ranks of the higher ones among all.
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

    private static double Share(List<OodDecision> verdicts, OodDecision verdict) => verdicts.Count(found => found == verdict) / (double)verdicts.Count;
}
