using System.CommandLine;
using System.Diagnostics;
using Mnist.Benchmarks.Engine;
using Mnist.Benchmarks.Measuring;
using Mnist.Inference.Kernels;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Kernels;

/// <summary><c>layers</c>: measures each step of the engine's plan.</summary>
internal static class LayersCommand
{
    public static Command Create()
    {
        var images = PositiveOption.Create("--images", 64, "Batch size.");
        var seconds = PositiveOption.Create("--seconds", 3.0, "Time for each network.");
        var command = new Command("layers", "Measures the engine step by step, on one core.") { images, seconds };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(Machine.Describe());
            Cores.PinToLast(output);
            double peak = FmaPeak.Rate(Samples.Median(Interleaved.Measure([FmaPeak.Measure], seconds: 0.3)[0]));
            output.WriteLine($"Peak {peak / 1e9:F0} GFLOP/s; batches of {parsed.GetValue(images)} images; us: time per image, median.");
            foreach (var workload in EngineBenchmark.Workloads(RepositoryFiles.LoadShipped()).DistinctBy(workload => workload.Network))
            {
                Print(workload, parsed.GetValue(images), parsed.GetValue(seconds), peak, output);
            }
        });
        return command;
    }

    private static void Print(Workload workload, int images, double seconds, double peak, TextWriter output)
    {
        var steps = StepRun.All(workload.Weights, VectorWidths.Best, images);
        double[] microseconds = [.. Measure(steps, seconds).Zip(steps, (samples, step) => Samples.Median(samples) * 1e6 / step.Images)];
        var table = new TextTable(workload.Title, "at once", "us", "of time", "MMAC", "of peak");
        foreach (var (step, time) in steps.Zip(microseconds))
        {
            AddRow(step.Name, $"{step.Images}", time, step.MultiplyAdds);
        }

        AddRow("all", string.Empty, microseconds.Sum(), workload.Weights.Architecture.MultiplyAdds);
        output.WriteLine();
        table.Write(output);

        void AddRow(string name, string atOnce, double time, long multiplyAdds)
        {
            string shareOfPeak = multiplyAdds == 0 ? string.Empty : $"{2e6 * multiplyAdds / time / peak:P0}";
            table.Add(name, atOnce, $"{time:F2}", $"{time / microseconds.Sum():P0}", $"{multiplyAdds / 1e6:F2}", shareOfPeak);
        }
    }

    /// <summary>Runs the steps in their order, so that the caches hold what they hold in a forward pass.</summary>
    /// <returns>For each step, the seconds of every run.</returns>
    private static List<double>[] Measure(IReadOnlyList<StepRun> steps, double seconds)
    {
        var samples = steps.Select(_ => new List<double>()).ToArray();
        long start = Stopwatch.GetTimestamp();
        while (samples[0].Count == 0 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            for (int i = 0; i < steps.Count; i++)
            {
                long started = Stopwatch.GetTimestamp();
                steps[i].Run();
                samples[i].Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
        }

        return samples;
    }
}
