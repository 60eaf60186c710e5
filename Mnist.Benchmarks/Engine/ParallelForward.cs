using System.Diagnostics;
using Mnist.Inference;

namespace Mnist.Benchmarks.Engine;

/// <summary>A batch spread over threads, as the service does it: one network, a workspace and an equal share of the images for each thread.</summary>
/// <param name="network">The network.</param>
/// <param name="workload">The images.</param>
/// <param name="threads">A divisor of the batch size.</param>
/// <param name="cores">The cores to bind the threads to, the last first; none where that is not possible.</param>
internal sealed class ParallelForward(Network network, Workload workload, int threads, IReadOnlyList<int> cores)
{
    private readonly Workspace[] _workspaces = [.. Enumerable.Range(0, threads).Select(_ => network.CreateWorkspace(workload.BatchSize / threads))];

    /// <summary>Seconds from the common start until the last thread has done its share of the batch a number of times.</summary>
    public double Measure(int calls)
    {
        long[] begun = new long[threads];
        long[] ended = new long[threads];
        using var start = new Barrier(threads);
        Thread[] running = [.. Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            if (i < cores.Count)
            {
                Measuring.Cores.Pin(cores[cores.Count - 1 - i]);
            }

            int images = workload.BatchSize / threads;
            int values = workload.Images.Length / threads;
            float[] logits = new float[images * network.ClassCount];
            start.SignalAndWait();
            begun[i] = Stopwatch.GetTimestamp();
            for (int call = 0; call < calls; call++)
            {
                network.Forward(workload.Images.AsSpan(i * values, values), images, _workspaces[i], logits);
            }

            ended[i] = Stopwatch.GetTimestamp();
        }))];
        foreach (var thread in running)
        {
            thread.Start();
        }

        foreach (var thread in running)
        {
            thread.Join();
        }

        return Stopwatch.GetElapsedTime(begun.Min(), ended.Max()).TotalSeconds;
    }
}
