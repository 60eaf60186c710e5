using System.Buffers;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Mnist.SystemTests.Inference;

/// <summary>The side on which a buffer borders on an inaccessible page.</summary>
internal enum Guard
{
    Before,
    After,
}

/// <summary>Zeroed values next to an inaccessible page: an access one value further crashes. Never freed.</summary>
internal sealed unsafe class GuardedMemory<T>(int length, Guard guard) : MemoryManager<T>
    where T : unmanaged
{
    private readonly T* _values = (T*)GuardedPages.Allocate((nint)length * sizeof(T), guard);

    public override Span<T> GetSpan() => new(_values, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_values + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}

/// <summary>Memory between two inaccessible pages, with Linux system calls.</summary>
internal static partial class GuardedPages
{
    private const int NoAccess = 0;
    private const int ReadAndWrite = 1 | 2;
    private const int PrivateAndAnonymous = 0x02 | 0x20;

    /// <returns>Address of the first of <paramref name="bytes"/> bytes, at the beginning or the end of the accessible pages.</returns>
    public static nint Allocate(nint bytes, Guard guard)
    {
        nint page = Environment.SystemPageSize;
        nint accessible = (bytes + page - 1) / page * page;
        nint start = Map(0, (nuint)(accessible + (2 * page)), NoAccess, PrivateAndAnonymous, -1, 0);
        if (start == -1 || Protect(start + page, (nuint)accessible, ReadAndWrite) != 0)
        {
            throw new Win32Exception();
        }

        return start + page + (guard == Guard.After ? accessible - bytes : 0);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(nint address, nuint length, int protection);
}
