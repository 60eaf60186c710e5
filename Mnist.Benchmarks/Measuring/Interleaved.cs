using System.Diagnostics;

namespace Mnist.Benchmarks.Measuring;

/// <summary>Repeats an operation.</summary>
/// <param name="calls">Number of repetitions.</param>
/// <returns>Seconds for all calls.</returns>
internal delegate double TimedCalls(int calls);

/// <summary>
/// Measures several contenders in turn, in short slices. Noise of the machine then affects all of them, and hardly their ratio within a round.
/// </summary>
internal static class Interleaved
{
    /// <summary>Long compared with a context switch and cold caches, short compared with the noise of a shared machine.</summary>
    private const double DefaultSliceSeconds = 0.03;

    /// <summary>Long enough for the last tier of the JIT compiler, which starts 0.1 s after the first calls.</summary>
    private const double WarmUpSeconds = 0.25;

    private const int MinRounds = 3;

    /// <param name="contenders">What to measure.</param>
    /// <param name="seconds">Time for all rounds; there are at least three.</param>
    /// <param name="sliceSeconds">Time of one contender in one round.</param>
    /// <returns>For each contender, the seconds per call in each round.</returns>
    public static double[][] Measure(IReadOnlyList<TimedCalls> contenders, double seconds, double sliceSeconds = DefaultSliceSeconds)
    {
        int[] calls = [.. contenders.Select(contender => CallsInSlice(contender, sliceSeconds))];
        var samples = contenders.Select(_ => new List<double>()).ToArray();
        long started = Stopwatch.GetTimestamp();
        for (int round = 0; round < MinRounds || Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; round++)
        {
            for (int turn = 0; turn < contenders.Count; turn++)
            {
                // Every second round is reversed, so that no contender always runs after the same other one.
                int i = round % 2 == 0 ? turn : contenders.Count - 1 - turn;
                samples[i].Add(contenders[i](calls[i]) / calls[i]);
            }
        }

        return [.. samples.Select(list => list.ToArray())];
    }

    /// <summary>Warms up a contender and returns the number of calls that fill a slice.</summary>
    private static int CallsInSlice(TimedCalls contender, double sliceSeconds)
    {
        int calls = 1;
        double seconds = contender(calls);
        while (seconds < WarmUpSeconds)
        {
            calls *= 2;
            seconds = contender(calls);
        }

        return Math.Max(1, (int)(calls * sliceSeconds / seconds));
    }
}
