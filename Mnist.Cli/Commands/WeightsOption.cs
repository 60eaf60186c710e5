using System.CommandLine;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Cli.Commands;

/// <summary><c>--weights</c>, the same for every command that runs or reads a network; without it the shipped one.</summary>
internal static class WeightsOption
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "weights", "mnist.safetensors");

    private static readonly Shape Digit = new(28, 28, 1);

    public static Option<string> Create() => new("--weights")
    {
        Description = "A safetensors file with a network for digits.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Shipped,
    };

    /// <summary>Loads a network for digits.</summary>
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
            throw new CommandException(ExitCode.Refused, exception.Message);
        }
    }
}
