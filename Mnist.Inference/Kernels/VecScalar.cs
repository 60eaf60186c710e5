using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>One lane, for CPUs without vectors; every kernel then reads as plain scalar code.</summary>
internal struct VecScalar : IVector<VecScalar>
{
    private float _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private VecScalar(float value) => _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar Load(ref readonly float source, nuint offset) => new(Unsafe.Add(ref Unsafe.AsRef(in source), offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VecScalar value, ref float destination, nuint offset) => Unsafe.Add(ref destination, offset) = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar Add(VecScalar left, VecScalar right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar Subtract(VecScalar left, VecScalar right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar MultiplyAdd(VecScalar left, VecScalar right, VecScalar addend) => VectorWidths.HasFusedMultiplyAdd
        ? new(MathF.FusedMultiplyAdd(left._value, right._value, addend._value))
        : new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(VecScalar left, VecScalar right, ref VecScalar sum)
    {
        if (VectorWidths.HasFusedMultiplyAdd)
        {
            sum._value = MathF.FusedMultiplyAdd(left._value, right._value, sum._value);
        }
        else
        {
            sum._value += left._value * right._value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VecScalar Max(VecScalar left, VecScalar right) => left._value > right._value ? left : right;
}
