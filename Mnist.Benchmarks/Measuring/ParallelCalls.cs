using System.Diagnostics;

namespace Mnist.Benchmarks.Measuring;

/// <summary>Work divided among threads, each bound to its own core.</summary>
/// <param name="shares">The work of each thread in one call.</param>
/// <param name="cores">The cores for the threads, last first; empty: threads are not bound.</param>
internal sealed class ParallelCalls(IReadOnlyList<Action> shares, IReadOnlyList<int> cores)
{
    /// <summary>Starts all threads together and returns the seconds until the last one has completed all calls.</summary>
    public double Measure(int calls)
    {
        long[] started = new long[shares.Count];
        long[] ended = new long[shares.Count];
        using var start = new Barrier(shares.Count);
        Thread[] running = [.. shares.Select((share, i) => new Thread(() =>
        {
            if (i < cores.Count)
            {
                Cores.Pin(cores[cores.Count - 1 - i]);
            }

            start.SignalAndWait();
            started[i] = Stopwatch.GetTimestamp();
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

        return Stopwatch.GetElapsedTime(started.Min(), ended.Max()).TotalSeconds;
    }
}
