using System.CommandLine;

namespace Mnist.Cli.Commands;

/// <summary><c>--api-key</c>, the same for every command that talks to the service.</summary>
internal static class ApiKeyOption
{
    public const string Variable = "MNIST_API_KEY";

    public static Option<string?> Create() => new("--api-key")
    {
        Description = $"The key, if the service wants one. Better in the variable {Variable}: what other users of the machine cannot see.",
        HelpName = "KEY",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } key ? key : null,
    };
}
