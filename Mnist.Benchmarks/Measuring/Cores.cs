using System.Runtime.InteropServices;

namespace Mnist.Benchmarks.Measuring;

/// <summary>The processor cores that this process may use, and binding a thread to one of them. Linux only; elsewhere nothing is bound.</summary>
internal static partial class Cores
{
    private const int MaskWords = 16;
    private const int CallingThread = 0;

    /// <summary>Numbers of the cores that the calling thread may use; empty where that is not known.</summary>
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

    /// <summary>Binds the calling thread, and the threads and processes that it will start, to some cores.</summary>
    /// <returns>Whether it is bound.</returns>
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

    /// <summary>Binds the calling thread to the last core it may use (the first ones serve interrupts) and says so.</summary>
    /// <returns>The core; null where nothing is bound.</returns>
    public static int? PinToLast(TextWriter output)
    {
        var allowed = Allowed();
        int? core = allowed.Count > 0 && Pin(allowed[^1]) ? allowed[^1] : null;
        output.WriteLine(core is null ? "No thread is bound to a core: that works on Linux only." : $"Bound to core {core}.");
        return core;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint size, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, [In] ulong[] mask);
}
