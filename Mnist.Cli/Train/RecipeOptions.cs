using System.CommandLine;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Synthesis;

namespace Mnist.Cli.Train;

/// <summary>The options of <c>mnist train</c> that make up the recipe.</summary>
internal sealed class RecipeOptions
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string?> _recipe = new("--recipe")
    {
        Description = "A JSON file with options of training by name, for all that the command line does not say; the model card of every run has one.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _fast = new("--fast")
    {
        Description = $"A good network within minutes: {TrainingOptions.Fast.Epochs} epochs.",
    };

    private readonly Option<string> _architecture = new("--architecture")
    {
        Description = $"A named network ({string.Join(", ", Architectures.ByName.Keys)}) or a JSON file with a list of layers.",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => Architectures.NameOf(Defaults.Architecture)!,
    };

    private readonly Option<int> _epochs = Number("--epochs", "Passes over the training images.", Defaults.Epochs);
    private readonly Option<int> _batch = Number("--batch", $"Images a step, a multiple of {Defaults.ShardSize}.", Defaults.BatchSize);
    private readonly Option<int> _seed = Number("--seed", "Decides initial weights, order and distortion of the images.", Defaults.Seed);
    private readonly Option<int> _threads = Number("--threads", "Cores to use; the result does not depend on it.", Defaults.Threads);

    private readonly Option<double> _learningRate = Number("--learning-rate", "Largest learning rate.", Defaults.LearningRate);
    private readonly Option<double> _temperature = Number(
        "--temperature", "Calibrates the probabilities: what a --validation run of the same recipe has fitted.", Defaults.Temperature);

    private readonly Option<bool> _noAugmentation = new("--no-augmentation") { Description = "Train on the images as they are." };
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
                result.AddError("--fast is a recipe of its own: leave it or --recipe out.");
            }
        });
    }

    /// <summary>What the command line says; where it says nothing, its recipe, else the <paramref name="saved"/> one, else the defaults.</summary>
    /// <exception cref="CommandException">An option cannot be used.</exception>
    /// <exception cref="IOException">The recipe cannot be read.</exception>
    /// <exception cref="InvalidDataException">The recipe cannot be used.</exception>
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
            throw new CommandException(ExitCode.Usage, $"Architecture has {options.Architecture.ClassCount} classes, expected {DigitImage.ClassCount}.");
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
}
