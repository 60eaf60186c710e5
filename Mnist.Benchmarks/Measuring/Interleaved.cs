using System.Diagnostics;

namespace Mnist.Benchmarks.Measuring;

/// <summary>Does something a number of times and tells how long that took.</summary>
/// <param name="calls">How often.</param>
/// <returns>Seconds for all calls.</returns>
internal delegate double TimedCalls(int calls);

/// <summary>
/// Measures several contenders in turn, in short slices: what slows the machine down for a while slows all of them down, and their ratio within
/// a round stays right.
/// </summary>
internal static class Interleaved
{
    /// <summary>Long against a change of process and against a cold cache, short against the moods of a shared machine.</summary>
    private const double DefaultSliceSeconds = 0.03;

    /// <summary>Long enough for the compiler's last tier, which starts a tenth of a second after the first calls.</summary>
    private const double WarmUpSeconds = 0.25;

    private const int MinRounds = 3;

    /// <param name="contenders">What is measured.</param>
    /// <param name="seconds">How long the rounds may take, all together.</param>
    /// <param name="sliceSeconds">How long a contender runs in a round.</param>
    /// <returns>For each contender the seconds of one call in each round.</returns>
    public static double[][] Measure(IReadOnlyList<TimedCalls> contenders, double seconds, double sliceSeconds = DefaultSliceSeconds)
    {
        int[] calls = [.. contenders.Select(contender => CallsInSlice(contender, sliceSeconds))];
        var samples = contenders.Select(_ => new List<double>()).ToArray();
        long started = Stopwatch.GetTimestamp();
        for (int round = 0; round < MinRounds || Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; round++)
        {
            for (int turn = 0; turn < contenders.Count; turn++)
            {
                // Every second round backwards, so that nobody always follows the same neighbour.
                int i = round % 2 == 0 ? turn : contenders.Count - 1 - turn;
                samples[i].Add(contenders[i](calls[i]) / calls[i]);
            }
        }

        return [.. samples.Select(list => list.ToArray())];
    }

    /// <summary>Warms a contender up and finds out how much of it fills a slice.</summary>
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
