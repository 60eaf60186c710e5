using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Mnist.Cli.Shared;

namespace Mnist.Cli.Commands.Key;

/// <summary><c>mnist key</c>: creates an API key.</summary>
internal static class KeyCommand
{
    /// <summary>Makes the key recognisable to people and to secret scanners.</summary>
    private const string Prefix = "mnist_";

    private const int RandomBytes = 32;

    public static Command Create()
    {
        var command = new Command(
            "key",
            """
            Creates a random API key and its hash. The key is for the client and is shown only once; the hash is for the server's settings.

            Examples:
              mnist key

            Environment variables of the server: Mnist__ApiKeys__0__Name=shop and Mnist__ApiKeys__0__Hash=HASH; of the client: MNIST_API_KEY=KEY.
            """);
        command.SetAction(parsed =>
        {
            string key = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
            parsed.InvocationConfiguration.Output.WriteLine($"key   {key}");
            parsed.InvocationConfiguration.Output.WriteLine($"hash  {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)))}");
            return ExitCode.Success;
        });
        return command;
    }
}
