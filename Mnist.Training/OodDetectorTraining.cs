using System.Globalization;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Synthesis.Outliers;

namespace Mnist.Training;

/// <summary>
/// Trains the OOD detector, a small network with the two classes "digit" and "not a digit": outlier exposure (Hendrycks, Mazeika and Dietterich 2019,
/// arXiv 1812.04606).
/// </summary>
public static class OodDetectorTraining
{
    /// <summary>Largest share of the validation digits that <see cref="Fit"/> lets the detector reject.</summary>
    public const double MaxRejected = 0.004;

    /// <summary>Below this probability of the predicted class, the other nine together are more probable.</summary>
    public const double MinProbability = 0.5;

    private const byte Digit = 0;
    private const byte NotADigit = 1;

    private const int DrawnDigits = 10_000;
    private const int AlteredDigits = 15_000;

    /// <summary>Outliers per unit of <see cref="Outlier.TrainingShare"/>, so that there are about as many outliers as digits.</summary>
    private const int ImagesPerShare = 2_000;

    private static readonly ReluLayer Relu = new();

    /// <summary>The recipe.</summary>
    public static TrainingOptions Options { get; } = new()
    {
        Epochs = 20,

        // Distortion smooths noise, and the detector should learn what undistorted noise looks like.
        CleanFinishFraction = 0.15,
        Architecture = new NetworkArchitecture(new Shape(DigitImage.Height, DigitImage.Width, 1),
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

    /// <summary>Trains the detector. The seed also decides the outliers.</summary>
    /// <param name="digits">Digits for training.</param>
    /// <param name="options">The recipe.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellationToken">Ends the training after the current step.</param>
    public static NetworkWeights Train(DigitDataset digits, TrainingOptions options, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trainer = new Trainer(options, Mix(digits, options.Seed));
        trainer.Run(progress, cancellationToken: cancellationToken);
        return trainer.Weights(new Dictionary<string, string>
        {
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = options.Epochs.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>The rule with the highest threshold that rejects at most <see cref="MaxRejected"/> of the digits.</summary>
    /// <param name="scores">OOD scores of digits that the detector was not trained on [N].</param>
    /// <param name="probabilities">Probabilities of their predicted classes [N].</param>
    /// <exception cref="InvalidDataException">Low probabilities alone reject more.</exception>
    public static OodRule Fit(IReadOnlyList<double> scores, IReadOnlyList<double> probabilities)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int allowed = (int)(MaxRejected * scores.Count);
        double[] confident = [.. scores.Where((_, i) => probabilities[i] >= MinProbability).Order()];
        int unsure = scores.Count - confident.Length;
        return unsure <= allowed
            ? new OodRule(confident[allowed - unsure], MinProbability)
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"the network gives {unsure} of {scores.Count} digits a probability below {MinProbability}, expected at most {allowed}"));
    }

    /// <summary>The training set: MNIST's and other digits, then outliers.</summary>
    internal static DigitDataset Mix(DigitDataset digits, int seed)
    {
        byte[] positive = [.. digits.Images, .. OtherDigits.Drawn(DrawnDigits, seed), .. OtherDigits.Altered(digits, AlteredDigits, seed)];
        byte[] negative = [.. Outlier.All.SelectMany(kind => kind.Make(digits, kind.TrainingShare * ImagesPerShare, seed))];
        return new DigitDataset([.. positive, .. negative], [.. Labels(positive, Digit), .. Labels(negative, NotADigit)]);
    }

    private static IEnumerable<byte> Labels(byte[] images, byte label) => Enumerable.Repeat(label, images.Length / DigitImage.PixelCount);
}
