using Mnist.Training;

namespace Mnist.Cli.Train;

/// <summary>Adds to the error that ends a run the command that resumes it.</summary>
/// <param name="CheckpointPath">The checkpoint of the run.</param>
/// <param name="Command">The command that resumes the run.</param>
internal sealed record ResumeHint(string CheckpointPath, string Command)
{
    /// <summary>Trains or writes results.</summary>
    /// <exception cref="CommandException">The run was interrupted, diverged, or a file could not be written.</exception>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException exception)
        {
            throw new CommandException(ExitCode.Interrupted, $"{exception.Message}; to go on: {Command}");
        }
        catch (TrainingDivergedException exception)
        {
            throw new CommandException(ExitCode.Refused, $"{exception.Message}; try a smaller --learning-rate.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string next = File.Exists(CheckpointPath) ? $"; to go on from the last checkpoint: {Command}" : "; --output names another folder.";
            throw new CommandException(ExitCode.Refused, exception.Message + next);
        }
    }
}
