using System.Diagnostics;
using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Training;

/// <summary>The loss became infinite or not a number.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);

/// <summary>A training run with validation after every epoch and a checkpoint on disk.</summary>
/// <param name="Trainer">A new trainer for the options and data of the checkpoint.</param>
/// <param name="Validation">Images to evaluate after every epoch; null for none.</param>
/// <param name="CheckpointPath">File of the checkpoint.</param>
public sealed record TrainingRun(Trainer Trainer, DigitDataset? Validation, string CheckpointPath)
{
    /// <summary>Trains from a checkpoint to the last epoch. Writes a checkpoint at the start, after every epoch and when cancelled.</summary>
    /// <param name="start">The first or a later checkpoint.</param>
    /// <param name="progress">Called after each step.</param>
    /// <param name="epochDone">Called with the new checkpoint after each epoch.</param>
    /// <param name="cancellationToken">Stops the run after the current step.</param>
    /// <returns>The network with its temperature folded in, and the last checkpoint, whose options have this temperature.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the checkpoint is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; the last checkpoint is unchanged.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written.</exception>
    public (NetworkWeights Weights, Checkpoint End) Train(
        Checkpoint start, Action<TrainingProgress> progress, Action<Checkpoint> epochDone, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var options = start.Options;
        var clock = Stopwatch.StartNew();
        var checkpoint = start;
        Trainer.Load(start.State);

        // The first write fails early if the disk is full or the folder is read-only, not after hours of training.
        start.Save(CheckpointPath);
        try
        {
            Trainer.Run(
                step =>
                {
                    RequireFinite(step);
                    progress(step);
                },
                last =>
                {
                    int? errors = Validation is null ? null : EvaluationResult.Measure(Network.Create(Trainer.Weights()), Validation).Errors.Count;
                    var metrics = new EpochMetrics((float)last.Loss, (float)last.LearningRate, (float)last.ImagesPerSecond, errors);
                    checkpoint = Current() with { Epochs = [.. checkpoint.Epochs, metrics] };
                    checkpoint.Save(CheckpointPath);
                    epochDone(checkpoint);
                },
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Current().Save(CheckpointPath);
            throw new OperationCanceledException(
                $"interrupted in epoch {checkpoint.Epochs.Count + 1} of {options.Epochs}, nothing is lost", cancellationToken);
        }

        var weights = Trainer.Weights(Metadata(start));
        options = options with { Temperature = Validation is null ? options.Temperature : FitTemperature(weights, Validation) };
        return (TemperatureScaling.Fold(weights, options.Temperature), checkpoint with { Options = options });

        Checkpoint Current() => checkpoint with { State = Trainer.Save(), TrainingTime = start.TrainingTime + clock.Elapsed };
    }

    /// <summary>Rounded to the precision that the data supports, so that it is easy to copy.</summary>
    private static double FitTemperature(NetworkWeights weights, DigitDataset digits) =>
        Math.Round(TemperatureScaling.Fit(digits.Labels, BatchClassifier.Classify(Network.Create(weights), digits).Logits), 3);

    // A diverged run cannot recover, and its checkpoint must not overwrite the last good one.
    private static void RequireFinite(TrainingProgress progress)
    {
        if (!double.IsFinite(progress.Loss))
        {
            throw new TrainingDivergedException($"training diverged: the loss of epoch {progress.Epoch} is no number after step {progress.Step}");
        }
    }

    private static Dictionary<string, string> Metadata(Checkpoint run) => new()
    {
        ["seed"] = run.Options.Seed.ToString(CultureInfo.InvariantCulture),
        ["epochs"] = run.Options.Epochs.ToString(CultureInfo.InvariantCulture),
        ["training_images"] = run.ImageCount.ToString(CultureInfo.InvariantCulture),
    };
}
