using Mnist.Cli.Shared;
using Mnist.Training;

namespace Mnist.Cli.Commands.Train;

/// <summary>Adds the command that resumes a run to the error that ends it.</summary>
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
            throw new CommandException(ExitCode.Interrupted, $"{exception.Message}; to resume: {Command}");
        }
        catch (TrainingDivergedException exception)
        {
            throw new CommandException(ExitCode.Failure, $"{exception.Message}; try a smaller --learning-rate.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string next = File.Exists(CheckpointPath) ? $"; to resume from the last checkpoint: {Command}" : "; choose another folder with --output.";
            throw new CommandException(ExitCode.Failure, exception.Message + next);
        }
    }
}
