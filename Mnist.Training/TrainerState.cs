namespace Mnist.Training;

/// <summary>The state of a trainer: all that the next steps depend on besides options and data.</summary>
/// <param name="StepCount">Steps done in the whole run.</param>
/// <param name="EpochStep">Steps done in the current epoch; 0 between epochs.</param>
/// <param name="EpochLoss">Sum of the losses of the images of these steps.</param>
/// <param name="Parameters">The flat parameter vector.</param>
/// <param name="Average">Its exponential moving average (EMA).</param>
/// <param name="FirstMoment">Adam's first moment.</param>
/// <param name="SecondMoment">Adam's second moment.</param>
public sealed record TrainerState(
    int StepCount, int EpochStep, double EpochLoss, float[] Parameters, float[] Average, float[] FirstMoment, float[] SecondMoment);

/// <summary>Metrics of one epoch.</summary>
/// <param name="Loss">Mean cross-entropy of its images.</param>
/// <param name="LearningRate">Learning rate of its last step.</param>
/// <param name="ImagesPerSecond">Training speed.</param>
/// <param name="ValidationErrors">Errors on the validation images after the epoch; null without validation images.</param>
public sealed record EpochMetrics(float Loss, float LearningRate, float ImagesPerSecond, int? ValidationErrors);
