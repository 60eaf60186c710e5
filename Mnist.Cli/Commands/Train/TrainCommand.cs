using System.CommandLine;
using System.Globalization;
using System.Text;
using Mnist.Cli.Shared;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Reports;

namespace Mnist.Cli.Commands.Train;

/// <summary><c>mnist train</c>: trains a network; writes weights, model card and report.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = new RecipeOptions();
        var validation = new Option<bool>("--validation")
        {
            Description = "Hold out the last 10,000 training images, and evaluate on them after every epoch instead of on the test images. For choosing recipes.",
        };
        var resume = new Option<string?>("--resume")
        {
            Description = $"Resume the run of this {TrainingFolder.CheckpointName}, in its folder and with its options.",
            HelpName = "FILE",
        };
        var data = DataOption.Create();
        var output = new Option<string>("--output")
        {
            Description = $"The folder for {TrainingFolder.WeightsName}, its model card {TrainingFolder.CardName} and the folder {TrainingFolder.ReportName}.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "trained",
        };
        var force = new Option<bool>("--force") { Description = "Replace existing results." };
        var command = new Command(
            "train",
            $"""
            Trains a network on MNIST and writes weights, a model card and a report. Missing MNIST files are downloaded.
            A checkpoint, {TrainingFolder.CheckpointName}, is kept until the run is complete. After Ctrl+C or a crash, --resume continues the run, with bit-identical results.

            Examples:
              mnist train --fast --output trained   99.6 % in minutes
              mnist train --recipe mine.json --output trained
              mnist train --resume trained/{TrainingFolder.CheckpointName}

            Exit code: 0 trained, 1 a file cannot be used or written, 2 download unavailable, 64 wrong usage, 130 interrupted.
            """);
        recipe.AddTo(command);
        foreach (var option in new Option[] { validation, resume, data, output, force })
        {
            command.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            var console = parsed.InvocationConfiguration;
            string? resumed = parsed.GetValue(resume);
            var saved = resumed is null ? null : Checkpoint.Load(resumed);
            var options = recipe.Read(parsed, saved?.Options);
            bool validate = parsed.GetValue(validation) || saved is { Validation: true };
            string path = resumed is null || parsed.IsGiven(output) ? parsed.GetRequiredValue(output) : Path.GetDirectoryName(resumed)!;
            var digits = await LoadDataAsync(parsed.GetRequiredValue(data), validate, console.Error, cancellationToken);
            if (saved?.Difference(options, digits.Training) is { } difference)
            {
                throw new CommandException(
                    ExitCode.Failure, $"{resumed}: the checkpoint {difference}. Use the same options and data to continue the run, or omit --resume to start a new one.");
            }

            var folder = TrainingFolder.Prepare(path, parsed.GetValue(force), resumed);
            var trainer = CreateTrainer(options, digits.Training);
            var start = saved is null ? Begin() : saved with { Options = options };
            var run = new TrainingRun(trainer, validate ? digits.Evaluation : null, folder.Checkpoint);
            var hint = new ResumeHint(folder.Checkpoint, ResumeCommand());
            var view = new TrainingView(start, console.Output, console.Error);
            var (weights, end) = view.Run(() => hint.Run(() => run.Train(start, view.Show, view.ShowEpoch, cancellationToken)));
            return hint.Run(() => WriteResults(folder, weights, end, digits, console.Output));

            Checkpoint Begin() => new()
            {
                Command = CommandText(parsed),
                Options = options,
                Validation = validate,
                ImageCount = digits.Training.Count,
                DataSha256 = Checkpoint.Sha256(digits.Training),
                State = trainer.Save(),
                Epochs = [],
                TrainingTime = TimeSpan.Zero,
            };

            string ResumeCommand() => $"mnist train --resume {Quote(folder.Checkpoint)}"
                + (parsed.IsGiven(data) ? $" --data {Quote(parsed.GetRequiredValue(data))}" : "");
        });
        return command;
    }

    private static string CommandText(ParseResult parsed) => "mnist " + string.Join(' ', parsed.Tokens.Select(token => Quote(token.Value)));

    private static string Quote(string word) => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word;

    private static async Task<Digits> LoadDataAsync(string folder, bool validation, TextWriter error, CancellationToken cancellationToken)
    {
        await DataOption.DownloadAsync(folder, MnistFile.All, error, cancellationToken);
        var training = MnistFile.LoadTrain(folder);
        if (!validation)
        {
            return new Digits(training, MnistFile.LoadTest(folder), ModelCard.MnistTestSet);
        }

        var (rest, block) = training.Split(MnistFile.ValidationCount);
        return new Digits(rest, block, "MNIST validation block");
    }

    private static Trainer CreateTrainer(TrainingOptions options, DigitDataset training)
    {
        try
        {
            return new Trainer(options, training);
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    private static int WriteResults(TrainingFolder folder, NetworkWeights weights, Checkpoint end, Digits digits, TextWriter output)
    {
        var result = EvaluationResult.Measure(Network.Create(weights), digits.Evaluation);
        string sha256 = weights.Save(folder.Weights);
        var card = new ModelCard
        {
            Command = end.Command,
            Options = end.Options,
            TrainingImages = end.ImageCount,
            TrainingTime = end.TrainingTime,
            Sha256 = sha256,
            Date = DateOnly.FromDateTime(DateTime.UtcNow),
            EvaluatedOn = digits.EvaluatedOn,
            Evaluation = result,
        };
        AtomicFile.Write(folder.Card, Encoding.UTF8.GetBytes(card.ToMarkdown()), overwrite: true);
        new TrainingReport(end, digits.Evaluation, digits.EvaluatedOn, result, sha256).Write(folder.Report);
        File.Delete(folder.Checkpoint);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{digits.EvaluatedOn}: {result.Accuracy:P2} ± {result.StandardError:P2}, {result.Errors.Count} errors, expected calibration error {result.Calibration.ExpectedCalibrationError:P2}"));
        if (end.Validation)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"temperature {end.Options.Temperature}, fitted on these digits. It is part of the recipe in the model card; use the recipe to train on all 60,000 images."));
        }

        output.WriteLine($"wrote {folder.Weights}, {folder.Card} and {Path.Combine(folder.Report, TrainingReport.PageName)}");
        return ExitCode.Success;
    }

    /// <param name="Training">The digits to train on.</param>
    /// <param name="Evaluation">The digits to evaluate on.</param>
    /// <param name="EvaluatedOn">Name of the evaluation set.</param>
    private sealed record Digits(DigitDataset Training, DigitDataset Evaluation, string EvaluatedOn);
}
