using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Plan;

/// <summary>Zeroed floats aligned to a cache line, so that no vector load spans two lines. The kernels own no other memory.</summary>
internal sealed class AlignedBuffer(int length)
{
    private const int CacheLine = 64;

    private readonly Memory<float> _memory = Allocate(length);

    /// <summary>Allocates the memory; a test replaces it to put inaccessible pages around each buffer.</summary>
    internal static Func<int, Memory<float>> Allocate { get; set; } = AllocateAligned;

    public int Length => _memory.Length;

    public Span<float> Span => _memory.Span;

    private static Memory<float> AllocateAligned(int length)
    {
        float[] array = GC.AllocateArray<float>(checked(length + (CacheLine / sizeof(float))), pinned: true);
        int start = (int)(-Address(array) & (CacheLine - 1)) / sizeof(float);
        return array.AsMemory(start, length);
    }

    private static unsafe nint Address(float[] array) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}
