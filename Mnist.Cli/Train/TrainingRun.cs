using System.Diagnostics;
using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Train;

/// <summary>Trains from a checkpoint, the first or a later one, to the end, and keeps the run on disk as far as it is.</summary>
/// <param name="Trainer">A new trainer for the options and data of the checkpoint.</param>
/// <param name="Validation">The images to look at after every epoch, if the run holds some back.</param>
/// <param name="CheckpointPath">Where the run is kept.</param>
/// <param name="ResumeCommand">The command that goes on with it.</param>
internal sealed record TrainingRun(Trainer Trainer, DigitDataset? Validation, string CheckpointPath, string ResumeCommand)
{
    /// <summary>Trains to the last epoch; a checkpoint is written at the start, after every epoch and when cancelled.</summary>
    /// <returns>The network, its temperature folded in, and the run's last checkpoint, whose options have this temperature.</returns>
    /// <exception cref="CommandException">Cancelled, diverged, or a checkpoint could not be written; the message says how to go on.</exception>
    public (NetworkWeights Weights, Checkpoint End) Train(Checkpoint start, TrainingView view, CancellationToken cancellationToken)
    {
        var options = start.Options;
        var clock = Stopwatch.StartNew();
        var checkpoint = start;
        Trainer.Load(start.State);

        // The first one finds out before hours of training whether there is room.
        Keep(start);
        for (int epoch = start.Epochs.Count + 1; epoch <= options.Epochs; epoch++)
        {
            TrainingProgress? last = null;
            float loss;
            try
            {
                loss = (float)Trainer.RunEpoch(
                    epoch,
                    progress =>
                    {
                        RequireFinite(progress);
                        last = progress;
                        view.Show(progress);
                    },
                    cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Keep(checkpoint with { State = Trainer.Save(), TrainingTime = start.TrainingTime + clock.Elapsed });
                throw new CommandException(ExitCode.Interrupted, $"interrupted in epoch {epoch} of {options.Epochs}, nothing is lost; to go on: {ResumeCommand}");
            }

            view.ShowEvaluating();
            int? errors = Validation is null ? null : Evaluate(Trainer.Weights(), Validation).Errors.Count;
            var metrics = new EpochMetrics(loss, (float)last!.LearningRate, (float)last.ImagesPerSecond, errors);
            checkpoint = checkpoint with
            {
                State = Trainer.Save(),
                Epochs = [.. checkpoint.Epochs, metrics],
                TrainingTime = start.TrainingTime + clock.Elapsed,
            };
            Keep(checkpoint);
            view.ShowEpoch(checkpoint);
        }

        var weights = Trainer.Weights(Metadata(start));
        options = options with { Temperature = Validation is null ? options.Temperature : FitTemperature(weights, Validation) };
        return (TemperatureScaling.Fold(weights, options.Temperature), checkpoint with { Options = options });
    }

    public static EvaluationResult Evaluate(NetworkWeights weights, DigitDataset digits) =>
        EvaluationResult.FromProbabilities(digits.Labels, BatchClassifier.Classify(Network.Create(weights), digits).Probabilities());

    /// <summary>To as many digits as it is good for, so that a person can copy it.</summary>
    private static double FitTemperature(NetworkWeights weights, DigitDataset digits) =>
        Math.Round(TemperatureScaling.Fit(digits.Labels, BatchClassifier.Classify(Network.Create(weights), digits).Logits), 3);

    /// <summary>Runs work that writes results; where that fails, says how to go on from the checkpoint.</summary>
    /// <exception cref="CommandException">A file could not be written.</exception>
    public void Write(Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string next = File.Exists(CheckpointPath) ? $"; to go on from the last checkpoint: {ResumeCommand}" : "; --output names another folder.";
            throw new CommandException(ExitCode.Refused, exception.Message + next);
        }
    }

    // Nothing becomes of such a run, and its checkpoint would replace one of better days.
    private static void RequireFinite(TrainingProgress progress)
    {
        if (!double.IsFinite(progress.Loss))
        {
            throw new CommandException(
                ExitCode.Refused, $"training diverged: the loss of epoch {progress.Epoch} is no number after step {progress.Step}; try a smaller --learning-rate.");
        }
    }

    private void Keep(Checkpoint checkpoint) => Write(() => checkpoint.Save(CheckpointPath));

    private static Dictionary<string, string> Metadata(Checkpoint run) => new()
    {
        ["seed"] = run.Options.Seed.ToString(CultureInfo.InvariantCulture),
        ["epochs"] = run.Options.Epochs.ToString(CultureInfo.InvariantCulture),
        ["training_images"] = run.ImageCount.ToString(CultureInfo.InvariantCulture),
    };
}
