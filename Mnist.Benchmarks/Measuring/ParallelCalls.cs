using System.Diagnostics;

namespace Mnist.Benchmarks.Measuring;

/// <summary>Work that is spread over threads, each bound to a core of its own.</summary>
/// <param name="shares">What each thread does in one call.</param>
/// <param name="cores">The cores to bind the threads to, the last first; none where that is not possible.</param>
internal sealed class ParallelCalls(IReadOnlyList<Action> shares, IReadOnlyList<int> cores)
{
    /// <summary>Seconds from the common start until the last thread has done its share a number of times.</summary>
    public double Measure(int calls)
    {
        long[] begun = new long[shares.Count];
        long[] ended = new long[shares.Count];
        using var start = new Barrier(shares.Count);
        Thread[] running = [.. shares.Select((share, i) => new Thread(() =>
        {
            if (i < cores.Count)
            {
                Cores.Pin(cores[cores.Count - 1 - i]);
            }

            start.SignalAndWait();
            begun[i] = Stopwatch.GetTimestamp();
            for (int call = 0; call < calls; call++)
            {
                share();
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
