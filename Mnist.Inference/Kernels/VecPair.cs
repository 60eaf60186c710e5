using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>Two vectors side by side, twice the channels: a kernel loads each input value once for both.</summary>
internal struct VecPair<TVec> : IVector<VecPair<TVec>>
    where TVec : struct, IVector<TVec>
{
    private TVec _low;
    private TVec _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private VecPair(TVec low, TVec high)
    {
        _low = low;
        _high = high;
    }

    public static int Count => 2 * TVec.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> Load(ref readonly float source, nuint offset) =>
        new(TVec.Load(in source, offset), TVec.Load(in source, offset + (nuint)TVec.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VecPair<TVec> value, ref float destination, nuint offset)
    {
        TVec.Store(value._low, ref destination, offset);
        TVec.Store(value._high, ref destination, offset + (nuint)TVec.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> Create(float value)
    {
        // Through a local: otherwise the JIT copies the broadcast value to a second register.
        var vector = TVec.Create(value);
        return new VecPair<TVec>(vector, vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> Add(VecPair<TVec> left, VecPair<TVec> right) =>
        new(TVec.Add(left._low, right._low), TVec.Add(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> Subtract(VecPair<TVec> left, VecPair<TVec> right) =>
        new(TVec.Subtract(left._low, right._low), TVec.Subtract(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> MultiplyAdd(VecPair<TVec> left, VecPair<TVec> right, VecPair<TVec> addend) =>
        new(TVec.MultiplyAdd(left._low, right._low, addend._low), TVec.MultiplyAdd(left._high, right._high, addend._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(VecPair<TVec> left, VecPair<TVec> right, ref VecPair<TVec> sum)
    {
        TVec.Accumulate(left._low, right._low, ref sum._low);
        TVec.Accumulate(left._high, right._high, ref sum._high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecPair<TVec> Max(VecPair<TVec> left, VecPair<TVec> right) =>
        new(TVec.Max(left._low, right._low), TVec.Max(left._high, right._high));
}
