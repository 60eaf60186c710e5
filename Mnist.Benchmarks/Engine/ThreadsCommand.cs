using System.CommandLine;
using System.Numerics.Tensors;
using Mnist.Benchmarks.Measuring;
using Mnist.Inference;
using Mnist.Inference.Plan;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Engine;

/// <summary>
/// <c>threads</c>: compares two threads with half of the images each to one thread with all of them. As in the service, threads share the network and have a
/// workspace each. Independent additions in the same rounds show the speed-up that the machine allows.
/// </summary>
internal static class ThreadsCommand
{
    private const int BatchSize = 64;
    private const int Threads = 2;
    private const string Additions = "additions";

    /// <summary>In floats; fits into any L1 cache.</summary>
    private const int VectorLength = 4096;

    /// <summary>Long compared with the 0.1 ms that the second thread's idle core takes to wake up.</summary>
    private const double SliceSeconds = 0.15;

    /// <summary>Takes about as long as a batch.</summary>
    private const int AdditionsPerCall = 10_000;

    public static Command Create()
    {
        var seconds = PositiveOption.Create("--seconds", 18.0, "Time for all rounds.");
        var command = new Command("threads", $"Measures {Threads} threads, each on its own core, against one, at {BatchSize} images.") { seconds };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(Machine.Describe());
            var cores = Cores.Allowed();
            output.WriteLine(cores.Count == 0
                ? "Threads are not bound to cores: this needs Linux."
                : $"Bound to the cores {string.Join(", ", cores.TakeLast(Threads))}.");
            output.WriteLine($"us: time per image, or for {AdditionsPerCall / BatchSize} additions of 1 to {VectorLength} floats in the L1 cache; median of the rounds.");
            output.WriteLine("Speed-ups: ratio of the medians, and the 10th to 90th percentile of the rounds.");
            output.WriteLine();
            Measure(cores, parsed.GetValue(seconds)).Write(output);
        });
        return command;
    }

    private static TextTable Measure(IReadOnlyList<int> cores, double seconds)
    {
        var workloads = EngineBenchmark.Workloads(RepositoryFiles.LoadShipped()).Where(workload => workload.BatchSize == BatchSize);
        (string Title, Func<int, int, Action> Share)[] rows = [.. workloads.Select(workload => (workload.Title, Forward(workload))), (Additions, Add)];
        var contenders = from row in rows
                         from threads in new[] { 1, Threads }
                         select new ParallelCalls([.. Enumerable.Range(0, threads).Select(i => row.Share(threads, i))], cores);
        double[][] samples = Interleaved.Measure([.. contenders.Select(contender => (TimedCalls)contender.Measure)], seconds, SliceSeconds);
        double[][] speedUps = [.. samples.Chunk(2).Select(pair => pair[0].Zip(pair[1], (one, several) => one / several).ToArray())];
        var table = new TextTable("network", "1 thread us", $"{Threads} threads us", "speed-up", $"by that of {Additions}");
        for (int row = 0; row < rows.Length; row++)
        {
            var (one, several) = (samples[2 * row], samples[2 * row + 1]);
            table.Add(rows[row].Title, Microseconds(one), Microseconds(several), $"{Ratio.Of(one, several)}", $"{Ratio.Of(speedUps[row], speedUps[^1])}");
        }

        return table;
    }

    private static string Microseconds(double[] rounds) => FormattableString.Invariant($"{Samples.Median(rounds) * 1e6 / BatchSize:F1}");

    /// <summary>The forward pass of one of several threads: its share of the images, with its own workspace.</summary>
    private static Func<int, int, Action> Forward(Workload workload)
    {
        var network = Network.Create(workload.Weights);
        return (threads, index) =>
        {
            int images = workload.BatchSize / threads;
            int values = workload.Images.Length / threads;
            var workspace = network.CreateWorkspace(images);
            float[] logits = new float[images * network.ClassCount];
            return () => network.Forward(workload.Images.AsSpan(index * values, values), images, workspace, logits);
        };
    }

    private static Action Add(int threads, int index)
    {
        // In place: with two buffers, the speed depends on their relative addresses.
        var vector = new AlignedBuffer(VectorLength);
        return () =>
        {
            for (int i = 0; i < AdditionsPerCall / threads; i++)
            {
                TensorPrimitives.Add(vector.Span, 1, vector.Span);
            }
        };
    }
}
