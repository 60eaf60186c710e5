namespace Mnist.Cli.Shared;

/// <summary>Ends a command. The user sees its message as one line.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
