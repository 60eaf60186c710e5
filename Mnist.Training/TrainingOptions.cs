using System.Globalization;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis;

namespace Mnist.Training;

/// <summary>A training recipe. The same options and data give the same bits with any number of threads.</summary>
public sealed record TrainingOptions
{
    /// <summary>The default recipe with fewer epochs: a good network within minutes.</summary>
    public static TrainingOptions Fast { get; } = new() { Epochs = 20 };

    /// <summary>The layers, for 28x28x1 images.</summary>
    public NetworkArchitecture Architecture { get; init; } = Architectures.Vgg12;

    /// <summary>Passes over the training images, at least 1.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Images per step; a multiple of <see cref="ShardSize"/>.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Images that a thread processes at a time, and over which batch normalisation computes its statistics.</summary>
    public int ShardSize { get; init; } = 32;

    /// <summary>Seed of initial weights, image order and augmentation.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads to use; the result does not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest learning rate, reached at the end of the warm-up; cosine decay follows.</summary>
    public double LearningRate { get; init; } = 4e-3;

    /// <summary>Fraction of the steps with linear warm-up of the learning rate, 0 to 1.</summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>Final learning rate as a fraction of the largest, 0 to 1; 1 keeps it constant.</summary>
    public double FinalLearningRateFraction { get; init; }

    /// <summary>Decoupled weight decay of AdamW, relative to the learning rate.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Whether batch normalisation follows every convolution; it is folded into the weights at the end.</summary>
    public bool BatchNormalization { get; init; } = true;

    /// <summary>Decay of the exponential moving average (EMA) of the parameters, which is the result; 0 gives the last parameters.</summary>
    public double WeightAveraging { get; init; } = 0.999;

    /// <summary>Distortion of the training images.</summary>
    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Fraction of the steps, at the end, that use undistorted images, 0 to 1.</summary>
    public double CleanFinishFraction { get; init; } = 0.05;

    /// <summary>
    /// Divides the logits of the result, see <see cref="TemperatureScaling"/>. A run with validation images ignores it and fits its own; the fitted value
    /// can be given to a run of the same recipe on all images.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it and what is expected.</exception>
    public void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(ShardSize >= 1, nameof(ShardSize), ShardSize, "at least 1");
        Require(BatchSize >= ShardSize && BatchSize % ShardSize == 0, nameof(BatchSize), BatchSize, $"a multiple of the shard size {ShardSize}");
        Require(Threads >= 1, nameof(Threads), Threads, "at least 1");
        Require(LearningRate > 0, nameof(LearningRate), LearningRate, "more than 0");
        Require(WarmUpFraction is >= 0 and < 1, nameof(WarmUpFraction), WarmUpFraction, "0 to 1");
        Require(FinalLearningRateFraction is >= 0 and <= 1, nameof(FinalLearningRateFraction), FinalLearningRateFraction, "0 to 1");
        Require(WeightDecay >= 0, nameof(WeightDecay), WeightDecay, "at least 0");
        Require(WeightAveraging is >= 0 and < 1, nameof(WeightAveraging), WeightAveraging, "0 to 1");
        Require(CleanFinishFraction is >= 0 and <= 1, nameof(CleanFinishFraction), CleanFinishFraction, "0 to 1");
        Require(
            Temperature is >= TemperatureScaling.Smallest and <= TemperatureScaling.Largest,
            nameof(Temperature),
            Temperature,
            $"{TemperatureScaling.Smallest} to {TemperatureScaling.Largest}");
        Require(Architecture.Input == new Shape(DigitImage.Height, DigitImage.Width, 1), nameof(Architecture), Architecture.Input, "28x28x1 images");
    }

    private static void Require<T>(bool condition, string name, T found, string expected)
    {
        if (!condition)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {found}, expected {expected}."));
        }
    }
}
