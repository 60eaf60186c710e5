using System.CommandLine;

namespace Mnist.Cli.Shared;

/// <summary><c>--server</c> of all commands that use the service.</summary>
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

            result.AddError($"--server is '{result.Tokens[0].Value}', expected an http or https address such as http://127.0.0.1:8000.");
            return null;
        },
    };
}
