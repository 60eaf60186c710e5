using System.CommandLine;
using Mnist.Inference;
using Mnist.Training;

namespace Mnist.Cli.Train;

/// <summary>The options of <c>mnist train</c> that make up the recipe.</summary>
internal sealed class RecipeOptions
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string> _architecture = new("--architecture")
    {
        Description = $"A named network ({string.Join(", ", Architectures.ByName.Keys)}) or a JSON file with a list of layers.",
        HelpName = "NAME|FILE",
        DefaultValueFactory = _ => Architectures.ByName.Single(named => named.Value == Defaults.Architecture).Key,
    };

    private readonly Option<int> _epochs = Number("--epochs", "Passes over the training images.", Defaults.Epochs);
    private readonly Option<int> _batch = Number("--batch", $"Images a step, a multiple of {Defaults.ShardSize}.", Defaults.BatchSize);
    private readonly Option<int> _seed = Number("--seed", "Decides initial weights, order and distortion of the images.", Defaults.Seed);
    private readonly Option<int> _threads = Number("--threads", "Cores to use; the result does not depend on it.", Defaults.Threads);

    private readonly Option<double> _learningRate = new("--learning-rate")
    {
        Description = "Largest learning rate.",
        HelpName = "RATE",
        DefaultValueFactory = _ => Defaults.LearningRate,
    };

    private readonly Option<bool> _noAugmentation = new("--no-augmentation") { Description = "Train on the images as they are." };
    private readonly Option<bool> _noBatchNormalization = new("--no-batch-norm") { Description = "Train without batch normalisation." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _architecture, _epochs, _batch, _seed, _threads, _learningRate, _noAugmentation, _noBatchNormalization })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, and <paramref name="start"/> where it says nothing.</summary>
    /// <exception cref="CommandException">An option cannot be used.</exception>
    public TrainingOptions Read(ParseResult parsed, TrainingOptions start)
    {
        var options = start with
        {
            Architecture = IsGiven(_architecture) ? LoadArchitecture(parsed.GetRequiredValue(_architecture)) : start.Architecture,
            Epochs = IsGiven(_epochs) ? parsed.GetValue(_epochs) : start.Epochs,
            BatchSize = IsGiven(_batch) ? parsed.GetValue(_batch) : start.BatchSize,
            Seed = IsGiven(_seed) ? parsed.GetValue(_seed) : start.Seed,
            Threads = parsed.GetValue(_threads),
            LearningRate = IsGiven(_learningRate) ? parsed.GetValue(_learningRate) : start.LearningRate,
            BatchNormalization = IsGiven(_noBatchNormalization) ? !parsed.GetValue(_noBatchNormalization) : start.BatchNormalization,
            Augmentation = parsed.GetValue(_noAugmentation) ? AugmentationOptions.None : start.Augmentation,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }

        bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };
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
}
