namespace Mnist.Training;

/// <summary>All that the next step of a trainer depends on, besides options and data.</summary>
/// <param name="StepCount">Steps done.</param>
/// <param name="EpochStep">Steps done in the epoch that is under way: 0 between epochs.</param>
/// <param name="EpochLoss">Sum of the losses of the images of these steps.</param>
/// <param name="Parameters">All parameters, flat.</param>
/// <param name="Average">Their exponential moving average.</param>
/// <param name="FirstMoment">Adam's average of the gradients.</param>
/// <param name="SecondMoment">Adam's average of their squares.</param>
public sealed record TrainerState(
    int StepCount, int EpochStep, double EpochLoss, float[] Parameters, float[] Average, float[] FirstMoment, float[] SecondMoment);

/// <summary>What one epoch gave.</summary>
/// <param name="Loss">Mean cross-entropy of its images.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="ImagesPerSecond">How fast it was.</param>
/// <param name="ValidationErrors">Wrong answers on the validation images after it, if there are such images.</param>
public sealed record EpochMetrics(float Loss, float LearningRate, float ImagesPerSecond, int? ValidationErrors);
