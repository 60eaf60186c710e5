using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mnist.Inference.Kernels;

/// <summary>16 lanes: one 512-bit register.</summary>
internal struct Vec512 : IVector<Vec512>
{
    private Vector512<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vec512(Vector512<float> value) => _value = value;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 Load(ref readonly float source, nuint offset) => new(Vector512.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vec512 value, ref float destination, nuint offset) => value._value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 Add(Vec512 left, Vec512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 Subtract(Vec512 left, Vec512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 MultiplyAdd(Vec512 left, Vec512 right, Vec512 addend) => VectorWidths.HasFusedMultiplyAdd
        ? new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value))
        : new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(Vec512 left, Vec512 right, ref Vec512 sum)
    {
        if (VectorWidths.HasFusedMultiplyAdd)
        {
            sum._value = Vector512.FusedMultiplyAdd(left._value, right._value, sum._value);
        }
        else
        {
            sum._value += left._value * right._value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec512 Max(Vec512 left, Vec512 right) => new(Vector512.MaxNative(left._value, right._value));
}
