using System.CommandLine;
using Mnist.Inference.Model;
using Mnist.Training.Export;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist export</c>: writes the network in a format of others.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var onnx = new Option<string>("--onnx") { Description = "The ONNX file to write.", HelpName = "FILE", Required = true };
        var weights = WeightsOption.Create();
        var member = new Option<int?>("--member")
        {
            Description = "Which network of a cascade, counted from 1. ONNX has no simple form for asking several networks about some of the images.",
            HelpName = "N",
        };
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists." };
        var command = new Command(
            "export",
            """
            Writes a network as an ONNX model: input "images" [N,1,28,28], 0 (background) to 1 (ink); outputs "logits" and "probabilities" [N,10].

            Examples:
              mnist export --onnx digits.onnx --member 1
              mnist export --onnx mine.onnx --weights mine.safetensors --force

            Exit code: 0 written, 1 the weights cannot be used or the file cannot be written, 64 wrong usage.
            """)
        {
            onnx, weights, member, force,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(onnx);
            byte[] model = OnnxExporter.Export(SingleNetwork(parsed.GetRequiredValue(weights), parsed.GetValue(member)));
            if (File.Exists(path) && !parsed.GetValue(force))
            {
                throw new CommandException(ExitCode.Refused, $"'{path}' exists; --force replaces it.");
            }

            AtomicFile.Write(path, model, parsed.GetValue(force));
            parsed.InvocationConfiguration.Output.WriteLine($"{path}: {model.Length} bytes");
            return ExitCode.Success;
        });
        return command;
    }

    private static NetworkWeights SingleNetwork(string path, int? member)
    {
        var members = WeightsOption.Load(path).Stages;
        return (member, members.Count) switch
        {
            (null, 1) => members[0],
            (null, _) => throw new CommandException(ExitCode.Refused, $"{path}: a cascade of {members.Count} networks, which ONNX cannot hold; --member 1 to {members.Count} exports one."),
            ({ } number, _) when number >= 1 && number <= members.Count => members[number - 1],
            _ => throw new CommandException(ExitCode.Refused, $"{path}: there is no member {member}, expected 1 to {members.Count}."),
        };
    }
}
