using System.Runtime.InteropServices;

namespace Mnist.Benchmarks.Http;

/// <summary>What is asked about one socket, and the answer; the layout is the system's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary>The system call poll: which of many sockets have something to do. The platform's own way would wake a thread of the pool for each.</summary>
internal static partial class Polling
{
    public const short In = 1;
    public const short Out = 4;

    /// <summary>Asks without waiting.</summary>
    /// <param name="entries">Where the answers go, too.</param>
    /// <param name="count">How many of them.</param>
    /// <returns>How many sockets have something to do.</returns>
    public static int Ask(PollEntry[] entries, int count) => Poll(entries, (nuint)count, timeout: 0);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll([In, Out] PollEntry[] entries, nuint count, int timeout);
}
