using Mnist.Cli.Shared;

namespace Mnist.Cli.Commands.Train;

/// <summary>The files of a training run.</summary>
internal sealed class TrainingFolder
{
    public const string WeightsName = "mnist.safetensors";
    public const string CardName = "README.md";
    public const string CheckpointName = "checkpoint.safetensors";
    public const string ReportName = "report";

    private TrainingFolder(string folder)
    {
        Weights = Path.Combine(folder, WeightsName);
        Card = Path.Combine(folder, CardName);
        Checkpoint = Path.Combine(folder, CheckpointName);
        Report = Path.Combine(folder, ReportName);
    }

    public string Weights { get; }

    public string Card { get; }

    /// <summary>The state of the run; deleted after all results are written.</summary>
    public string Checkpoint { get; }

    /// <summary>The folder of the report.</summary>
    public string Report { get; }

    /// <summary>Creates the folder, and protects the results of other runs.</summary>
    /// <param name="folder">The folder; empty for the current one.</param>
    /// <param name="force">Whether to replace existing results.</param>
    /// <param name="resumed">The checkpoint of a resumed run; null for a new run.</param>
    /// <exception cref="CommandException">The folder has results of another run.</exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static TrainingFolder Prepare(string folder, bool force, string? resumed)
    {
        Directory.CreateDirectory(folder.Length > 0 ? folder : ".");
        var target = new TrainingFolder(folder);

        // Files beside the run's own checkpoint belong to the run, and may be incomplete.
        if (force || (resumed is not null && Path.GetFullPath(resumed) == Path.GetFullPath(target.Checkpoint)))
        {
            return target;
        }

        if (File.Exists(target.Checkpoint))
        {
            throw new CommandException(
                ExitCode.Failure, $"'{target.Checkpoint}' is the checkpoint of an unfinished run. Use --resume to continue it, --force to replace it, or --output for another folder.");
        }

        if (new[] { target.Weights, target.Card, target.Report }.FirstOrDefault(Path.Exists) is { } existing)
        {
            throw new CommandException(ExitCode.Failure, $"'{existing}' exists. Use --force to replace it, or --output for another folder.");
        }

        return target;
    }
}
