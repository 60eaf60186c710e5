namespace Mnist.Cli.Train;

/// <summary>Where a run puts what it makes.</summary>
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

    /// <summary>The run as far as it is; removed when all else is written.</summary>
    public string Checkpoint { get; }

    /// <summary>A folder of its own.</summary>
    public string Report { get; }

    /// <summary>Makes the folder, and refuses to go near the results of another run.</summary>
    /// <param name="folder">The folder; empty for the current one.</param>
    /// <param name="force">Whether results that are there may be replaced.</param>
    /// <param name="resumed">The checkpoint that the run goes on from; it is replaced.</param>
    /// <exception cref="CommandException">Something is there.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public static TrainingFolder Prepare(string folder, bool force, string? resumed)
    {
        Directory.CreateDirectory(folder.Length > 0 ? folder : ".");
        var target = new TrainingFolder(folder);

        // What lies beside a run's own checkpoint is that run's: results half written, or older ones that it may replace.
        if (force || (resumed is not null && Path.GetFullPath(resumed) == Path.GetFullPath(target.Checkpoint)))
        {
            return target;
        }

        if (File.Exists(target.Checkpoint))
        {
            throw new CommandException(
                ExitCode.Refused, $"'{target.Checkpoint}' is a run that is not done: --resume goes on with it, --force replaces it, --output names another folder.");
        }

        if (new[] { target.Weights, target.Card, target.Report }.FirstOrDefault(Path.Exists) is { } existing)
        {
            throw new CommandException(ExitCode.Refused, $"'{existing}' exists; --force replaces it, --output names another folder.");
        }

        return target;
    }
}
