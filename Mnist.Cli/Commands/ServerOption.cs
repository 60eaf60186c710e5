using System.CommandLine;

namespace Mnist.Cli.Commands;

/// <summary><c>--server</c>, the same for every command that talks to the service.</summary>
internal static class ServerOption
{
    public static Option<Uri> Create() => new("--server")
    {
        Description = "The address of the service.",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:8000"),
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var server) && server is { Scheme: "http" or "https", Query: "", Fragment: "" })
            {
                return server;
            }

            result.AddError($"--server '{result.Tokens[0].Value}' is no http or https address such as http://127.0.0.1:8000.");
            return null;
        },
    };
}
