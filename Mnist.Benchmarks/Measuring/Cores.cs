using System.Runtime.InteropServices;

namespace Mnist.Benchmarks.Measuring;

/// <summary>CPU affinity of threads. On Linux only; elsewhere threads are not bound.</summary>
internal static partial class Cores
{
    private const int MaskWords = 16;
    private const int CallingThread = 0;

    /// <summary>Numbers of the cores on which the calling thread may run; empty if unknown.</summary>
    public static IReadOnlyList<int> Allowed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        ulong[] mask = new ulong[MaskWords];
        return GetAffinity(CallingThread, MaskWords * sizeof(ulong), mask) < 0
            ? []
            : [.. Enumerable.Range(0, MaskWords * 64).Where(core => (mask[core / 64] >> (core % 64) & 1) != 0)];
    }

    /// <summary>Binds the calling thread, and the threads and processes that it starts later, to some cores.</summary>
    /// <returns>Whether it succeeded.</returns>
    public static bool Pin(params ReadOnlySpan<int> cores)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        ulong[] mask = new ulong[MaskWords];
        foreach (int core in cores)
        {
            mask[core / 64] |= 1UL << (core % 64);
        }

        return SetAffinity(CallingThread, MaskWords * sizeof(ulong), mask) == 0;
    }

    /// <summary>Binds the calling thread to its last allowed core, because the first ones serve interrupts, and prints the core.</summary>
    /// <returns>The core; null if the thread is not bound.</returns>
    public static int? PinToLast(TextWriter output)
    {
        var allowed = Allowed();
        int? core = allowed.Count > 0 && Pin(allowed[^1]) ? allowed[^1] : null;
        output.WriteLine(core is null ? "Threads are not bound to cores: this needs Linux." : $"Bound to core {core}.");
        return core;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint size, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, [In] ulong[] mask);
}
