using System.Runtime.InteropServices;

namespace Mnist.Api.Operations;

/// <summary>
/// Runs the process under Linux's SCHED_BATCH policy with time slices of 8 ms. Under the default policy a thread that has received data preempts the engine
/// in the middle of a batch; the engine's weights and the HTTP code then evict each other from the caches, and a rejection takes three times as long.
/// Here a thread keeps its core for some milliseconds, and what arrives meanwhile is handled together. Idle cores are used as before.
/// </summary>
internal static partial class BatchScheduling
{
    /// <summary>Time for about thirty rejections, or three requests of 64 images: enough to refill the caches for, and less than a request waits on a full server.</summary>
    private const ulong SliceNanoseconds = 8_000_000;

    /// <summary>SCHED_OTHER and SCHED_BATCH of sched(7).</summary>
    private const uint DefaultPolicy = 0, BatchPolicy = 3;

    private const int CallingThread = 0;

    private const int NoFlags = 0;

    /// <summary>
    /// Sets the policy of the calling thread, which threads started later inherit: to be called first. Needs no privileges and keeps the priority. Linux before
    /// 6.12 chooses the slice itself, about 4 ms. Changes nothing on other systems, where it is forbidden, or where another policy was set with chrt.
    /// </summary>
    public static void Enable()
    {
        if (!OperatingSystem.IsLinux() || SystemCalls is not var (get, set))
        {
            return;
        }

        var attributes = default(Attributes);
        if (Get(get, CallingThread, ref attributes, Marshal.SizeOf<Attributes>(), NoFlags) == 0 && attributes.Policy == DefaultPolicy)
        {
            attributes.Policy = BatchPolicy;
            attributes.Runtime = SliceNanoseconds;
            _ = Set(set, CallingThread, in attributes, NoFlags);
        }
    }

    /// <summary>System call numbers of sched_getattr(2) and sched_setattr(2); the C libraries of some distributions lack these functions.</summary>
    private static (nint Get, nint Set)? SystemCalls => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (315, 314),
        Architecture.Arm64 => (275, 274),
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Get(nint number, nint thread, ref Attributes attributes, nint size, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Set(nint number, nint thread, in Attributes attributes, nint flags);

    /// <summary>struct sched_attr, first version. For policies that are not real-time, Runtime is the slice.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
