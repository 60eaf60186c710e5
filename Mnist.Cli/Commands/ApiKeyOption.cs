using System.CommandLine;

namespace Mnist.Cli.Commands;

/// <summary><c>--api-key</c>, the same for every command that talks to the service.</summary>
internal static class ApiKeyOption
{
    // No default value from the variable: the help would print it.
    public static Option<string?> Create() => new("--api-key")
    {
        Description = $"The key, if the service wants one. Better in the variable {ServiceConnection.KeyVariable}: what is on a command line, others can see.",
        HelpName = "KEY",
    };
}
