using System.CommandLine;
using Mnist.Cli.Shared;
using Mnist.Inference.Model;
using Mnist.Training.Export;

namespace Mnist.Cli.Commands.Export;

/// <summary><c>mnist export</c>: writes a network as ONNX.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var onnx = new Option<string>("--onnx") { Description = "The ONNX file to write.", HelpName = "FILE", Required = true };
        var weights = WeightsOption.Create();
        var member = new Option<int?>("--member")
        {
            Description = "The network of a cascade, counted from 1. ONNX cannot represent the escalation to the second stage.",
            HelpName = "N",
        };
        var force = new Option<bool>("--force") { Description = "Replace the file if it exists." };
        var command = new Command(
            "export",
            """
            Writes a network as an ONNX model. Input: "images" [N,1,28,28], 0 (background) to 1 (ink). Outputs: "logits" and "probabilities" [N,10].

            Examples:
              mnist export --onnx digits.onnx --member 1
              mnist export --onnx mine.onnx --weights mine.safetensors --force

            Exit code: 0 written, 1 a file cannot be used or written, 64 wrong usage.
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
                throw new CommandException(ExitCode.Failure, $"'{path}' exists. Use --force to replace it.");
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
            (null, _) => throw new CommandException(ExitCode.Failure, $"{path}: holds a cascade of {members.Count} networks, expected a single one. Choose one with --member 1 to {members.Count}."),
            ({ } number, _) when number >= 1 && number <= members.Count => members[number - 1],
            _ => throw new CommandException(ExitCode.Failure, $"{path}: --member is {member}, expected 1 to {members.Count}."),
        };
    }
}
