using System.Globalization;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;
using Mnist.Training.Synthesis;

namespace Mnist.Training;

/// <summary>A training recipe. The same options on the same data give the same bits, with any number of threads.</summary>
public sealed record TrainingOptions
{
    /// <summary>A first good network within minutes: the default recipe in fewer epochs.</summary>
    public static TrainingOptions Fast { get; } = new() { Epochs = 20 };

    public NetworkArchitecture Architecture { get; init; } = Architectures.Vgg12;

    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Images a step; a multiple of <see cref="ShardSize"/>.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Images that a thread takes at a time, and over which batch normalisation takes its statistics.</summary>
    public int ShardSize { get; init; } = 32;

    /// <summary>Decides initial weights, order of the images and augmentation.</summary>
    public int Seed { get; init; } = 1;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest learning rate: reached after <see cref="WarmUpFraction"/> of the steps, then falling along a cosine.</summary>
    public double LearningRate { get; init; } = 4e-3;

    /// <summary>Share of the steps in which the learning rate rises.</summary>
    public double WarmUpFraction { get; init; } = 0.1;

    /// <summary>Share of the largest learning rate at which the cosine ends; 1 keeps the rate as it is.</summary>
    public double FinalLearningRateFraction { get; init; }

    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>Whether every convolution is followed by batch normalisation, folded away when the weights are written.</summary>
    public bool BatchNormalization { get; init; } = true;

    /// <summary>Decay of the exponential moving average of the parameters that becomes the result; 0 keeps the last parameters.</summary>
    public double WeightAveraging { get; init; } = 0.999;

    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Share of the steps, at the end, that see the images as they are.</summary>
    public double CleanFinishFraction { get; init; } = 0.05;

    /// <summary>
    /// Divides the logits of the result, see <see cref="TemperatureScaling"/>. Fitted on images that were held back in a run of the same recipe;
    /// a run that holds some back fits its own instead.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of range; the message says which and what is expected.</exception>
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
        Require(Architecture.Input == new Shape(28, 28, 1), nameof(Architecture), Architecture.Input, "28x28x1 images");
    }

    private static void Require<T>(bool condition, string name, T found, string expected)
    {
        if (!condition)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is {found}, expected {expected}."));
        }
    }
}
