using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>Three vectors side by side, for kernels on CPUs with 32 vector registers (see <see cref="VectorWidths.HasManyRegisters"/>).</summary>
internal struct VecTriple<TVec> : IVector<VecTriple<TVec>>
    where TVec : struct, IVector<TVec>
{
    private TVec _low;
    private TVec _middle;
    private TVec _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private VecTriple(TVec low, TVec middle, TVec high)
    {
        _low = low;
        _middle = middle;
        _high = high;
    }

    public static int Count => 3 * TVec.Count;

    /// <summary>Whether the next step takes three vectors of the <paramref name="columns"/> that are left: not if one vector would be left over, because four are faster as two pairs.</summary>
    public static bool Fits(int columns) => VectorWidths.HasManyRegisters && columns >= Count && columns != Count + TVec.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> Load(ref readonly float source, nuint offset) =>
        new(TVec.Load(in source, offset), TVec.Load(in source, offset + (nuint)TVec.Count), TVec.Load(in source, offset + (nuint)(2 * TVec.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VecTriple<TVec> value, ref float destination, nuint offset)
    {
        TVec.Store(value._low, ref destination, offset);
        TVec.Store(value._middle, ref destination, offset + (nuint)TVec.Count);
        TVec.Store(value._high, ref destination, offset + (nuint)(2 * TVec.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> Create(float value)
    {
        var vector = TVec.Create(value);
        return new VecTriple<TVec>(vector, vector, vector);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> Add(VecTriple<TVec> left, VecTriple<TVec> right) =>
        new(TVec.Add(left._low, right._low), TVec.Add(left._middle, right._middle), TVec.Add(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> Subtract(VecTriple<TVec> left, VecTriple<TVec> right) =>
        new(TVec.Subtract(left._low, right._low), TVec.Subtract(left._middle, right._middle), TVec.Subtract(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> MultiplyAdd(VecTriple<TVec> left, VecTriple<TVec> right, VecTriple<TVec> addend) =>
        new(
            TVec.MultiplyAdd(left._low, right._low, addend._low),
            TVec.MultiplyAdd(left._middle, right._middle, addend._middle),
            TVec.MultiplyAdd(left._high, right._high, addend._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(VecTriple<TVec> left, VecTriple<TVec> right, ref VecTriple<TVec> sum)
    {
        TVec.Accumulate(left._low, right._low, ref sum._low);
        TVec.Accumulate(left._middle, right._middle, ref sum._middle);
        TVec.Accumulate(left._high, right._high, ref sum._high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecTriple<TVec> Max(VecTriple<TVec> left, VecTriple<TVec> right) =>
        new(TVec.Max(left._low, right._low), TVec.Max(left._middle, right._middle), TVec.Max(left._high, right._high));
}
