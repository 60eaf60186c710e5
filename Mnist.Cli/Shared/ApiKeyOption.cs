using System.CommandLine;

namespace Mnist.Cli.Shared;

/// <summary><c>--api-key</c> of all commands that use the service.</summary>
internal static class ApiKeyOption
{
    // The environment variable is not the default value, because the help prints default values.
    public static Option<string?> Create() => new("--api-key")
    {
        Description = $"The API key, if the service requires one. Prefer the environment variable {ServiceConnection.KeyVariable}: other users can see command lines.",
        HelpName = "KEY",
    };
}
