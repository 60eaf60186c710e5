using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist key</c>: makes a key for the service.</summary>
internal static class KeyCommand
{
    /// <summary>Lets a person, and a scanner of leaked secrets, see what it is.</summary>
    private const string Prefix = "mnist_";

    private const int RandomBytes = 32;

    public static Command Create()
    {
        var command = new Command(
            "key",
            """
            Makes a random key for the service, and its hash. The key is for the client and is shown only here; the hash is for the server's settings.

            Examples:
              mnist key

            Then the server gets Mnist__ApiKeys__0__Name=shop and Mnist__ApiKeys__0__Hash=HASH, and the client MNIST_API_KEY=KEY, as environment variables.
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
