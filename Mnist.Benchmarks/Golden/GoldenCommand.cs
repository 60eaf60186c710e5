using System.CommandLine;
using Mnist.Training.Data;

namespace Mnist.Benchmarks;

/// <summary><c>golden</c>: makes the predictions that the tests compare the engine with.</summary>
internal static class GoldenCommand
{
    public static Command Create()
    {
        var command = new Command("golden", "Writes the golden predictions of the shipped weights, made by ONNX Runtime.");
        command.SetAction(parsed =>
        {
            var golden = GoldenPredictions.Create(RepositoryFiles.Weights, MnistFile.LoadTest(RepositoryFiles.Data));
            string path = Path.Combine(RepositoryFiles.Data, GoldenPredictions.FileName);
            golden.Write(path);
            parsed.InvocationConfiguration.Output.WriteLine(
                $"{path}: {golden.Digits.Count} digits, ONNX Runtime {golden.OnnxRuntime}, weights {golden.WeightsSha256}");
        });
        return command;
    }
}
