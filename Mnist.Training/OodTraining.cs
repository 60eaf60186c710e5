using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Training;

/// <summary>
/// Trains a small network to tell digits from other images: outlier exposure (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606) with a
/// class of its own for what is no digit.
/// </summary>
public static class OodTraining
{
    /// <summary>Share of the validation digits that may be refused.</summary>
    public const double MaxRefused = 0.004;

    /// <summary>Below this probability of the class that is answered, the other nine together are more probable.</summary>
    public const double MinProbability = 0.5;

    private const byte Digit = 0;
    private const byte NoDigit = 1;

    private const int DrawnDigits = 10_000;
    private const int AlteredDigits = 15_000;

    /// <summary>Images that are no digits for each part of <see cref="Outlier.TrainingShare"/>: about as many in all as there are digits.</summary>
    private const int ImagesPerPart = 2_000;

    private static readonly ReluLayer Relu = new();

    /// <summary>The recipe.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Epochs = 20,

        // To the last, noise should look like noise: distortion smooths it.
        CleanFinishFraction = 0.15,
        Architecture = new NetworkArchitecture(new Shape(28, 28, 1),
        [
            new ConvolutionLayer(5, 16, Padding.Valid), Relu,   // 24 x 24 x 16
            new MaxPoolLayer(2),                                // 12 x 12 x 16
            new ConvolutionLayer(3, 32, Padding.Same), Relu,    // 12 x 12 x 32
            new MaxPoolLayer(2),                                //  6 x  6 x 32
            new ConvolutionLayer(3, 32, Padding.Valid), Relu,   //  4 x  4 x 32
            new ConvolutionLayer(3, 32, Padding.Same), Relu,    //  4 x  4 x 32
            new DenseLayer(2),
        ]),
    };

    /// <summary>Trains the network; the same seed decides the images that are no digits.</summary>
    /// <param name="digits">Digits for training.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    public static NetworkWeights Train(DigitDataset digits, TrainingOptions options, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trainer = new Trainer(options, Mix(digits, options.Seed));
        for (int epoch = 1; epoch <= options.Epochs; epoch++)
        {
            trainer.RunEpoch(epoch, progress, cancellationToken);
        }

        return trainer.Weights(new Dictionary<string, string>
        {
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = options.Epochs.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The largest threshold by which no more than <see cref="MaxRefused"/> of the digits are refused.</summary>
    /// <param name="scores">Of digits that the network was not trained on [N].</param>
    /// <param name="probabilities">Of the class that is answered [N].</param>
    /// <exception cref="InvalidDataException">The probabilities alone refuse more.</exception>
    public static OodRule Fit(IReadOnlyList<double> scores, IReadOnlyList<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int allowed = (int)(MaxRefused * scores.Count);
        double[] confident = [.. scores.Where((_, i) => probabilities[i] >= MinProbability).Order()];
        int unsure = scores.Count - confident.Length;
        return unsure <= allowed
            ? new OodRule(confident[allowed - unsure], MinProbability)
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"the network gives {unsure} of {scores.Count} digits a probability below {MinProbability}, expected at most {allowed}"));
    }

    /// <summary>Score of each image [N], see <see cref="OodRule.Score"/>.</summary>
    /// <param name="network">The network that tells digits from other images.</param>
    /// <param name="images">[N,28,28].</param>
    public static double[] Scores(Network network, byte[] images)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        return [.. BatchClassifier.Classify(network, Unlabelled(images)).Logits.Chunk(network.ClassCount).Select(row => OodRule.Score(row))];
    }

    /// <summary>The largest probability of each image [N].</summary>
    /// <param name="network">The network or cascade that reads digits.</param>
    /// <param name="images">[N,28,28].</param>
    public static double[] Confidences(Network network, byte[] images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return BatchClassifier.Classify(network, Unlabelled(images)).Confidences();
    }

    /// <summary>Digits of the training set and others, and images that are none.</summary>
    internal static DigitDataset Mix(DigitDataset digits, int seed)
    {
        byte[] positive = [.. digits.Images, .. OtherDigits.Drawn(DrawnDigits, seed), .. OtherDigits.Altered(digits, AlteredDigits, seed)];
        byte[] negative = [.. Outlier.All.SelectMany(kind => kind.Make(digits, kind.TrainingShare * ImagesPerPart, seed))];
        return new DigitDataset([.. positive, .. negative], [.. Labels(positive, Digit), .. Labels(negative, NoDigit)]);
    }

    private static IEnumerable<byte> Labels(byte[] images, byte label) => Enumerable.Repeat(label, images.Length / DigitDataset.PixelCount);

    private static DigitDataset Unlabelled(byte[] images) => new(images, new byte[images.Length / DigitDataset.PixelCount]);
}
