using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Plan;

/// <summary>Zeroed floats that begin on a cache line, so that no vector load spans two.</summary>
internal sealed class AlignedBuffer
{
    private const int CacheLine = 64;

    private readonly float[] _array;
    private readonly int _start;

    public AlignedBuffer(int length)
    {
        Length = length;
        _array = GC.AllocateArray<float>(length + (CacheLine / sizeof(float)), pinned: true);
        nint address = Address(_array);
        _start = (int)(-address & (CacheLine - 1)) / sizeof(float);
    }

    public int Length { get; }

    public Span<float> Span => _array.AsSpan(_start, Length);

    private static unsafe nint Address(float[] array) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}
