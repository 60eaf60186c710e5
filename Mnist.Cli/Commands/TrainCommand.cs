using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Mnist.Inference;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Spectre.Console;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist train</c>: makes a weights file and its model card.</summary>
internal static class TrainCommand
{
    private const string WeightsName = "mnist.safetensors";
    private const string CardName = "README.md";

    public static Command Create()
    {
        var defaults = new TrainingOptions();
        var architecture = new Option<string>("--architecture")
        {
            Description = $"A named network ({string.Join(", ", Architectures.ByName.Keys)}) or a JSON file with a list of layers.",
            HelpName = "NAME|FILE",
            DefaultValueFactory = _ => "vgg12",
        };
        var epochs = Number("--epochs", "Passes over the training images.", defaults.Epochs);
        var batch = Number("--batch", $"Images a step, a multiple of {defaults.ShardSize}.", defaults.BatchSize);
        var seed = Number("--seed", "Decides initial weights, order and distortion of the images.", defaults.Seed);
        var threads = Number("--threads", "Cores to use; the result does not depend on it.", defaults.Threads);
        var learningRate = new Option<double>("--learning-rate") { Description = "Largest learning rate.", HelpName = "RATE", DefaultValueFactory = _ => defaults.LearningRate };
        var noAugmentation = new Option<bool>("--no-augmentation") { Description = "Train on the images as they are." };
        var noBatchNormalization = new Option<bool>("--no-batch-norm") { Description = "Train without batch normalisation." };
        var validation = new Option<bool>("--validation")
        {
            Description = "Hold the last 10,000 training images back and report on them, after every epoch, instead of on the test images: for every choice.",
        };
        var data = MnistData.FolderOption();
        var output = new Option<string>("--output")
        {
            Description = $"Folder for {WeightsName} and its model card {CardName}.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "trained",
        };
        var force = new Option<bool>("--force") { Description = "Replace the files if they exist." };
        var command = new Command(
            "train",
            """
            Trains a network on MNIST, downloading it if need be, and writes the weights with a model card.

            Exit code: 0 trained, 1 a file cannot be used or written, 2 the data could not be downloaded, 64 wrong usage, 130 interrupted.
            """)
        {
            architecture, epochs, batch, seed, threads, learningRate, noAugmentation, noBatchNormalization, validation, data, output, force,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new TrainingOptions
            {
                Architecture = LoadArchitecture(parsed.GetRequiredValue(architecture)),
                Epochs = parsed.GetValue(epochs),
                BatchSize = parsed.GetValue(batch),
                Seed = parsed.GetValue(seed),
                Threads = parsed.GetValue(threads),
                LearningRate = parsed.GetValue(learningRate),
                BatchNormalization = !parsed.GetValue(noBatchNormalization),
                Augmentation = parsed.GetValue(noAugmentation) ? AugmentationOptions.None : defaults.Augmentation,
            };
            var target = PrepareTarget(parsed.GetRequiredValue(output), parsed.GetValue(force));
            var (training, evaluation, evaluatedOn) = await LoadDataAsync(
                parsed.GetRequiredValue(data), parsed.GetValue(validation), parsed.InvocationConfiguration.Error, cancellationToken);
            var clock = Stopwatch.StartNew();
            var weights = Train(options, training, parsed.GetValue(validation) ? evaluation : null, parsed.InvocationConfiguration, cancellationToken);
            clock.Stop();
            var result = Evaluate(weights, evaluation);
            var card = new ModelCard
            {
                Command = "mnist " + string.Join(' ', parsed.Tokens.Select(token => token.Value)),
                Options = options,
                TrainingImages = training.Count,
                TrainingTime = clock.Elapsed,
                Sha256 = weights.Save(target.Weights),
                Date = DateOnly.FromDateTime(DateTime.UtcNow),
                EvaluatedOn = evaluatedOn,
                Evaluation = result,
            };
            AtomicFile.Write(target.Card, System.Text.Encoding.UTF8.GetBytes(card.ToMarkdown()), overwrite: true);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{evaluatedOn}: {result.Accuracy:P2} ± {result.StandardError:P2}, {result.Errors.Count} errors; wrote {target.Weights} and {target.Card}"));
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "NUMBER", DefaultValueFactory = _ => value };

    private static NetworkArchitecture LoadArchitecture(string nameOrFile)
    {
        if (Architectures.ByName.TryGetValue(nameOrFile, out var architecture))
        {
            return architecture;
        }

        if (!File.Exists(nameOrFile))
        {
            throw new CommandException(
                ExitCode.Usage, $"--architecture '{nameOrFile}' is neither a file nor one of {string.Join(", ", Architectures.ByName.Keys)}.");
        }

        try
        {
            return NetworkArchitecture.Parse(File.ReadAllText(nameOrFile));
        }
        catch (InvalidArchitectureException exception)
        {
            throw new CommandException(ExitCode.Refused, $"{nameOrFile}: {exception.Message}");
        }
    }

    /// <summary>Finds out before hours of training whether the result can be written.</summary>
    private static (string Weights, string Card) PrepareTarget(string folder, bool force)
    {
        var target = (Weights: Path.Combine(folder, WeightsName), Card: Path.Combine(folder, CardName));
        Directory.CreateDirectory(folder);
        if (!force && new[] { target.Weights, target.Card }.FirstOrDefault(File.Exists) is { } existing)
        {
            throw new CommandException(ExitCode.Refused, $"'{existing}' exists; --force replaces it, --output names another folder.");
        }

        string probe = Path.Combine(folder, $".{Guid.NewGuid():N}");
        File.WriteAllBytes(probe, []);
        File.Delete(probe);
        return target;
    }

    private static async Task<(DigitDataset Training, DigitDataset Evaluation, string EvaluatedOn)> LoadDataAsync(
        string folder, bool validation, TextWriter error, CancellationToken cancellationToken)
    {
        await MnistData.EnsureAsync(folder, MnistFile.All, error, cancellationToken);
        var training = MnistFile.LoadTrain(folder);
        if (!validation)
        {
            return (training, MnistFile.LoadTest(folder), ModelCard.MnistTestSet);
        }

        var (rest, block) = training.Split(MnistFile.ValidationCount);
        return (rest, block, "MNIST validation block");
    }

    private static EvaluationResult Evaluate(NetworkWeights weights, DigitDataset digits) =>
        EvaluationResult.FromProbabilities(digits.Labels, BatchClassifier.Probabilities(Network.Create(weights), digits));

    /// <summary>Trains with a line an epoch on the output and, on a terminal, a progress bar below.</summary>
    private static NetworkWeights Train(
        TrainingOptions options, DigitDataset training, DigitDataset? validation, InvocationConfiguration configuration, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>
        {
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["epochs"] = options.Epochs.ToString(CultureInfo.InvariantCulture),
            ["training_images"] = training.Count.ToString(CultureInfo.InvariantCulture),
        };
        Trainer trainer;
        try
        {
            trainer = new Trainer(options, training);
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }

        if (!Terminal.Is(configuration.Error))
        {
            return RunEpochs(_ => { }, configuration.Output.WriteLine);
        }

        var console = Terminal.Open(configuration.Error);
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(live =>
            {
                var task = live.AddTask("training", maxValue: options.Epochs);
                return RunEpochs(
                    progress =>
                    {
                        task.Value = progress.Epoch - 1 + ((double)progress.Step / progress.Steps);
                        task.Description = string.Create(
                            CultureInfo.InvariantCulture, $"epoch {progress.Epoch}/{options.Epochs}  loss {progress.Loss:F4}  {progress.ImagesPerSecond:N0} images/s");
                    },
                    console.WriteLine);
            });

        NetworkWeights RunEpochs(Action<TrainingProgress> show, Action<string> log)
        {
            for (int epoch = 1; epoch <= options.Epochs; epoch++)
            {
                double imagesPerSecond = 0;
                double loss = trainer.RunEpoch(
                    epoch,
                    progress =>
                    {
                        imagesPerSecond = progress.ImagesPerSecond;
                        show(progress);
                    },
                    cancellationToken);
                string errors = validation is null
                    ? string.Empty
                    : $"  {Evaluate(trainer.Weights(), validation).Errors.Count} validation errors";
                log(string.Create(CultureInfo.InvariantCulture, $"epoch {epoch,3}/{options.Epochs}  loss {loss:F4}{errors}  {imagesPerSecond:N0} images/s"));
            }

            return trainer.Weights(metadata);
        }
    }
}
