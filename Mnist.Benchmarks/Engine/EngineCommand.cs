using System.CommandLine;
using Mnist.Benchmarks.Measuring;
using Mnist.Inference.Kernels;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Engine;

/// <summary><c>engine</c>: compares the engine with its peers.</summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var seconds = PositiveOption.Create("--seconds", 6.0, "Time for each network and batch size.");
        var command = new Command("engine", "Measures the engine, ONNX Runtime and PyTorch in turn on one core, at 1, 8 and 64 images.") { json, seconds };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var measurements = Measure(parsed.GetValue(seconds), output);
            Print(measurements, output);
            if (parsed.GetValue(json) is { } path)
            {
                File.WriteAllText(path, ResultsJson.Of(Machine.Describe(), measurements.Select(measurement => measurement.ToResult())));
            }
        });
        return command;
    }

    private static List<EngineMeasurement> Measure(double seconds, TextWriter output)
    {
        output.WriteLine(Machine.Describe());
        int? core = Cores.PinToLast(output);
        using var torch = TorchProcess.TryStart("inference.py", threads: 1, core, output);
        string torchVersion = torch is null ? string.Empty : $", PyTorch {torch.Version}";
        output.WriteLine($"Engine {VectorWidths.Best}, ONNX Runtime {OnnxContender.Version}{torchVersion}; one thread each.");
        var shipped = RepositoryFiles.LoadShipped();
        if (shipped.Cascade is not null)
        {
            output.WriteLine(EngineBenchmark.DescribeCascade(shipped));
        }

        return [.. EngineBenchmark.Workloads(shipped).Select(workload => EngineBenchmark.Measure(workload, torch, seconds))];
    }

    private static void Print(List<EngineMeasurement> measurements, TextWriter output)
    {
        double peak = measurements.Max(measurement => measurement.Peak);
        output.WriteLine($"Peak {peak / 1e9:F0} GFLOP/s; all logits agree within {AgreementCheck.Tolerance}.");
        output.WriteLine("us: time per image, median of the rounds. of peak: effective rate by the FMA peak. to a peer: its time by the engine's, and the 10th to 90th percentile of the rounds.");
        output.WriteLine();
        var names = measurements[0].Names;
        var table = new TextTable(
            ["network", "images", "images/s", .. names.Select(name => $"{name} us"), "of peak", .. names.Skip(1).Select(name => $"to {name}")]);
        foreach (var measurement in measurements)
        {
            table.Add(
            [
                measurement.Workload.Title,
                $"{measurement.Workload.BatchSize}",
                $"{1e6 / measurement.Engine:N0}",
                .. measurement.Microseconds.Select(rounds => $"{Samples.Median(rounds):F1}"),
                $"{measurement.Rate / peak:P0}",
                .. Enumerable.Range(1, names.Count - 1).Select(peer => measurement.RatioTo(peer).ToString()),
            ]);
        }

        table.Write(output);
    }
}
