using System.CommandLine;
using System.Numerics.Tensors;
using Mnist.Benchmarks.Measuring;
using Mnist.Inference;
using Mnist.Inference.Plan;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Engine;

/// <summary>
/// <c>threads</c>: two threads with half the images each against one with all of them, as the service does it: one network, a workspace for each
/// thread. Beside them, in the same rounds, additions that share nothing at all: what a second core is worth on this machine at this moment.
/// </summary>
internal static class ThreadsCommand
{
    private const int BatchSize = 64;
    private const int Threads = 2;
    private const string Additions = "additions";

    /// <summary>A vector of this length stays in any first-level cache.</summary>
    private const int VectorLength = 4096;

    /// <summary>The second thread's core has slept until its slice begins: long against the tenth of a millisecond that it takes to wake.</summary>
    private const double SliceSeconds = 0.15;

    /// <summary>About as long as a batch.</summary>
    private const int AdditionsInCall = 10_000;

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
                ? "No thread is bound to a core: that works on Linux only."
                : $"Bound to the cores {string.Join(", ", cores.TakeLast(Threads))}.");
            output.WriteLine($"us: an image, or {AdditionsInCall / BatchSize} times adding 1 to {VectorLength} numbers in the first-level cache, median of the rounds; speed-up, and that by the");
            output.WriteLine("additions' in the same round: and the 10th to 90th percentile of the rounds.");
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

    /// <summary>The share of one of several threads: its images, with a workspace of its own.</summary>
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
        // One vector in its own place: how fast two go together depends on where each of them happens to lie.
        var vector = new AlignedBuffer(VectorLength);
        return () =>
        {
            for (int i = 0; i < AdditionsInCall / threads; i++)
            {
                TensorPrimitives.Add(vector.Span, 1, vector.Span);
            }
        };
    }
}
