using System.Diagnostics;

namespace Mnist.Core.Requests;

/// <summary>
/// How long the answer to a request is worth waiting for, counted from the arrival of its body. The one clock of a request: everything that waits
/// or measures on its behalf asks this value.
/// </summary>
public readonly record struct Deadline
{
    private readonly long _start;
    private readonly long _end;

    private Deadline(long start, long end) => (_start, _end) = (start, end);

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Time until the answer is worthless; negative once it is.</summary>
    public TimeSpan Remaining => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _end);

    /// <summary>A deadline that starts now.</summary>
    public static Deadline After(TimeSpan length)
    {
        long now = Stopwatch.GetTimestamp();
        return new Deadline(now, now + (long)(length.TotalSeconds * Stopwatch.Frequency));
    }

    /// <summary>Whether the deadline lies before a <see cref="Stopwatch"/> timestamp.</summary>
    internal bool IsBefore(long timestamp) => _end < timestamp;
}
