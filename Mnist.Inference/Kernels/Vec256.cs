using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mnist.Inference.Kernels;

/// <summary>8 lanes: one 256-bit register.</summary>
internal struct Vec256 : IVector<Vec256>
{
    private Vector256<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vec256(Vector256<float> value) => _value = value;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 Load(ref readonly float source, nuint offset) => new(Vector256.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vec256 value, ref float destination, nuint offset) => value._value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 Add(Vec256 left, Vec256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 Subtract(Vec256 left, Vec256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 MultiplyAdd(Vec256 left, Vec256 right, Vec256 addend) => VectorWidths.HasFusedMultiplyAdd
        ? new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value))
        : new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(Vec256 left, Vec256 right, ref Vec256 sum)
    {
        if (VectorWidths.HasFusedMultiplyAdd)
        {
            sum._value = Vector256.FusedMultiplyAdd(left._value, right._value, sum._value);
        }
        else
        {
            sum._value += left._value * right._value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec256 Max(Vec256 left, Vec256 right) => new(Vector256.MaxNative(left._value, right._value));
}
