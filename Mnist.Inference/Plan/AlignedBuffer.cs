using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Plan;

/// <summary>Zeroed floats that begin on a cache line, so that no vector load spans two. All memory that the engine's kernels own.</summary>
internal sealed class AlignedBuffer(int length)
{
    private const int CacheLine = 64;

    private readonly Memory<float> _memory = Allocate(length);

    /// <summary>Where the memory comes from; a test puts inaccessible pages around it.</summary>
    internal static Func<int, Memory<float>> Allocate { get; set; } = OnACacheLine;

    public int Length => _memory.Length;

    public Span<float> Span => _memory.Span;

    private static Memory<float> OnACacheLine(int length)
    {
        float[] array = GC.AllocateArray<float>(checked(length + (CacheLine / sizeof(float))), pinned: true);
        int start = (int)(-Address(array) & (CacheLine - 1)) / sizeof(float);
        return array.AsMemory(start, length);
    }

    private static unsafe nint Address(float[] array) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}
