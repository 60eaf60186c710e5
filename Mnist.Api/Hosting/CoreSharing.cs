using System.Runtime.InteropServices;

namespace Mnist.Api.Hosting;

/// <summary>
/// How Linux shares the cores between the engine's threads and those of the HTTP server. By default a thread that has something to read runs at once, in
/// the middle of a batch: then a refusal takes three times as long as beside others of its kind, because the engine's weights and the HTTP server's
/// code push each other out of the caches. Here whoever has a core keeps it for some milliseconds, and what arrives meanwhile is handled together. Where a
/// core is idle, or the engine has nothing to do, nobody waits.
/// </summary>
internal static partial class CoreSharing
{
    /// <summary>Some thirty refusals, or three requests of 64 images: enough to be worth the way to the caches, and less than a request waits on a full server.</summary>
    private const ulong SliceNanoseconds = 8_000_000;

    /// <summary>SCHED_OTHER and SCHED_BATCH of sched(7).</summary>
    private const uint DefaultPolicy = 0, BatchPolicy = 3;

    private const int CallingThread = 0;

    private const int NoFlags = 0;

    /// <summary>
    /// For the calling thread and all that it and they will start, so before any other is started. Needs no rights, and keeps the priority. Linux before
    /// 6.12 chooses the slice itself, some 4 ms; other systems, a Linux that forbids it, and one that was told another policy (chrt), share their cores
    /// as they do.
    /// </summary>
    public static void ByTheSlice()
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

    /// <summary>The numbers of sched_getattr(2) and sched_setattr(2), which the C library of some distributions does not have.</summary>
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

    /// <summary>struct sched_attr, its first version. For policies that are not of real time, the runtime is the slice.</summary>
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
