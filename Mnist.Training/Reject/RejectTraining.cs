using Mnist.Inference;
using Mnist.Training.Data;

namespace Mnist.Training.Reject;

/// <summary>
/// Trains a small network to tell digits from other images: outlier exposure (Hendrycks, Mazeika and Dietterich 2019, arXiv 1812.04606) with a
/// class of its own for what is no digit.
/// </summary>
public static class RejectTraining
{
    private const byte Digit = 0;
    private const byte None = 1;

    private const int DrawnDigits = 10_000;
    private const int AlteredDigits = 15_000;

    /// <summary>Images that are no digits for each part of <see cref="NonDigit.TrainingShare"/>: as many in all as there are digits.</summary>
    private const int ImagesPerPart = 2_000;

    private static readonly ReluLayer Relu = new();

    public static NetworkArchitecture Architecture { get; } = new(new Shape(28, 28, 1),
    [
        new ConvolutionLayer(5, 16, Padding.Valid), Relu,   // 24 x 24 x 16
        new MaxPoolLayer(2),                                // 12 x 12 x 16
        new ConvolutionLayer(3, 16, Padding.Same), Relu,    // 12 x 12 x 16
        new MaxPoolLayer(2),                                //  6 x  6 x 16
        new ConvolutionLayer(3, 32, Padding.Valid), Relu,   //  4 x  4 x 32
        new DenseLayer(2),
    ]);

    /// <summary>The recipe.</summary>
    public static TrainingOptions Options { get; } = new() { Architecture = Architecture, Epochs = 8, CleanFinishFraction = 0.15 };

    /// <summary>Digits of the training set and other images.</summary>
    /// <param name="digits">Digits for training.</param>
    /// <param name="seed">Decides the other images.</param>
    public static DigitDataset Data(DigitDataset digits, int seed)
    {
        ArgumentNullException.ThrowIfNull(digits);
        var kinds = NonDigit.All.Where(kind => kind.TrainingShare > 0).ToList();
        byte[] positive = [.. digits.Images, .. OtherDigits.Drawn(DrawnDigits, seed), .. OtherDigits.Altered(digits, AlteredDigits, seed)];
        byte[] negative = [.. kinds.SelectMany(kind => kind.Make(digits, kind.TrainingShare * ImagesPerPart, seed))];
        var labels = Enumerable.Repeat(Digit, positive.Length / DigitDataset.PixelCount).Concat(Enumerable.Repeat(None, negative.Length / DigitDataset.PixelCount));
        return new DigitDataset([.. positive, .. negative], [.. labels]);
    }
}
