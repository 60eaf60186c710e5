namespace Mnist.Cli;

/// <summary>Ends a command: its message is the one line that the user sees.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
