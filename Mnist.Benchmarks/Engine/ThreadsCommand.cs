using System.CommandLine;
using Mnist.Benchmarks.Measuring;
using Mnist.Cli;
using Mnist.Inference;

namespace Mnist.Benchmarks.Engine;

/// <summary><c>threads</c>: two threads with half the images each against one with all of them.</summary>
internal static class ThreadsCommand
{
    private const int BatchSize = 64;
    private const int Threads = 2;

    public static Command Create()
    {
        var seconds = PositiveOption.Create("--seconds", 6.0, "Time for each network.");
        var command = new Command("threads", $"Measures {Threads} threads, each on its own core, against one, at {BatchSize} images.") { seconds };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(Machine.Describe());
            var cores = Cores.Allowed();
            output.WriteLine(cores.Count == 0
                ? "No thread is bound to a core: that works on Linux only."
                : $"Bound to the cores {string.Join(", ", cores.TakeLast(Threads))}.");
            output.WriteLine("us: an image, median of the rounds; speed-up: and the 10th to 90th percentile of the rounds.");
            output.WriteLine();
            var table = new TextTable("network", "1 thread us", $"{Threads} threads us", "speed-up");
            foreach (var workload in EngineBenchmark.Workloads(RepositoryFiles.LoadShipped()).Where(workload => workload.BatchSize == BatchSize))
            {
                AddRow(workload, cores, parsed.GetValue(seconds), table);
            }

            table.Write(output);
        });
        return command;
    }

    private static void AddRow(Workload workload, IReadOnlyList<int> cores, double seconds, TextTable table)
    {
        var network = Network.Create(workload.Weights);
        var one = new ParallelForward(network, workload, 1, cores);
        var several = new ParallelForward(network, workload, Threads, cores);
        double[][] samples = Interleaved.Measure([one.Measure, several.Measure], seconds);
        string[] microseconds = [.. samples.Select(rounds => $"{Samples.Median(rounds) * 1e6 / BatchSize:F1}")];
        table.Add([workload.Title, .. microseconds, Ratio.Of(samples[0], samples[1]).ToString()]);
    }
}
