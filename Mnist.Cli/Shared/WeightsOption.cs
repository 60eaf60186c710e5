using System.CommandLine;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Cli.Shared;

/// <summary><c>--weights</c> of all commands that load a network. The default is the shipped model.</summary>
internal static class WeightsOption
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "weights", "mnist.safetensors");

    private static readonly Shape Digit = new(28, 28, 1);

    public static Option<string> Create() => new("--weights")
    {
        Description = "The weights file (safetensors) of a network for digits.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Shipped,
    };

    /// <summary>Loads a network from 28x28x1 to ten classes.</summary>
    /// <exception cref="CommandException">The file cannot be used.</exception>
    public static Network Load(string path)
    {
        try
        {
            var network = Network.Load(path);
            return network.Input == Digit && network.ClassCount == 10
                ? network
                : throw new WeightsException($"{path}: a network from {network.Input} to {network.ClassCount} classes, expected {Digit} to 10");
        }
        catch (WeightsException exception)
        {
            throw new CommandException(ExitCode.Failure, exception.Message);
        }
    }
}
