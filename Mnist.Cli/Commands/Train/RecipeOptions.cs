using System.CommandLine;
using Mnist.Cli.Shared;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Synthesis;

namespace Mnist.Cli.Commands.Train;

/// <summary>The options of <c>mnist train</c> that define the recipe.</summary>
internal sealed class RecipeOptions
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string?> _recipe = new("--recipe")
    {
        Description = "A JSON file with training options, which options on the command line override. Every model card contains one.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _fast = new("--fast")
    {
        Description = $"Train a good network in minutes: {TrainingOptions.Fast.Epochs} epochs.",
    };

    private readonly Option<string> _architecture = new("--architecture")
    {
        Description = $"The name of a network ({string.Join(", ", Architectures.ByName.Keys)}), or a JSON file with a list of layers.",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => Architectures.NameOf(Defaults.Architecture)!,
    };

    private readonly Option<int> _epochs = Number("--epochs", "Number of passes over the training images.", Defaults.Epochs);
    private readonly Option<int> _batch = Number("--batch", $"Images per step, a multiple of {Defaults.ShardSize}.", Defaults.BatchSize);
    private readonly Option<int> _seed = Number("--seed", "Seed of initial weights, order and augmentation of the images.", Defaults.Seed);
    private readonly Option<int> _threads = Number("--threads", "Number of threads. The result does not depend on it.", Defaults.Threads);

    private readonly Option<double> _learningRate = Number("--learning-rate", "Largest learning rate.", Defaults.LearningRate);
    private readonly Option<double> _temperature = Number(
        "--temperature", "Temperature that calibrates the probabilities, as fitted by a --validation run of the same recipe.", Defaults.Temperature);

    private readonly Option<bool> _noAugmentation = new("--no-augmentation") { Description = "Train without augmentation." };
    private readonly Option<bool> _noBatchNormalization = new("--no-batch-norm") { Description = "Train without batch normalisation." };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _recipe, _fast, _architecture, _epochs, _batch, _seed, _threads, _learningRate, _noAugmentation, _noBatchNormalization, _temperature,
        ];
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_recipe) is not null && result.GetValue(_fast))
            {
                result.AddError("--fast and --recipe exclude each other.");
            }
        });
    }

    /// <summary>Reads the options on the command line; the others come from its recipe, else from <paramref name="saved"/>, else from the defaults.</summary>
    /// <exception cref="CommandException">An option is invalid.</exception>
    /// <exception cref="IOException">The recipe cannot be read.</exception>
    /// <exception cref="InvalidDataException">The recipe is invalid.</exception>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions? saved)
    {
        var start = parsed.GetValue(_recipe) is { } file ? Recipe.Load(file)
            : parsed.GetValue(_fast) ? TrainingOptions.Fast
            : saved ?? Defaults;
        var options = start with
        {
            Architecture = parsed.IsGiven(_architecture) ? LoadArchitecture(parsed.GetRequiredValue(_architecture)) : start.Architecture,
            Epochs = parsed.IsGiven(_epochs) ? parsed.GetValue(_epochs) : start.Epochs,
            BatchSize = parsed.IsGiven(_batch) ? parsed.GetValue(_batch) : start.BatchSize,
            Seed = parsed.IsGiven(_seed) ? parsed.GetValue(_seed) : start.Seed,
            Threads = parsed.GetValue(_threads),
            LearningRate = parsed.IsGiven(_learningRate) ? parsed.GetValue(_learningRate) : start.LearningRate,
            BatchNormalization = parsed.IsGiven(_noBatchNormalization) ? !parsed.GetValue(_noBatchNormalization) : start.BatchNormalization,
            Augmentation = parsed.GetValue(_noAugmentation) ? AugmentationOptions.None : start.Augmentation,
            Temperature = parsed.IsGiven(_temperature) ? parsed.GetValue(_temperature) : start.Temperature,
        };
        if (options.Architecture.ClassCount != DigitImage.ClassCount)
        {
            throw new CommandException(ExitCode.Usage, $"--architecture has {options.Architecture.ClassCount} classes, expected {DigitImage.ClassCount}.");
        }

        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    private static Option<T> Number<T>(string name, string description, T value) =>
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
                ExitCode.Usage, $"--architecture is '{nameOrFile}', expected a file or one of {string.Join(", ", Architectures.ByName.Keys)}.");
        }

        try
        {
            return NetworkArchitecture.Parse(File.ReadAllText(nameOrFile));
        }
        catch (InvalidArchitectureException exception)
        {
            throw new CommandException(ExitCode.Failure, $"{nameOrFile}: {exception.Message}");
        }
    }
}
