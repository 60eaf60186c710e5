using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Mnist.Inference.Kernels;

/// <summary>4 lanes: one 128-bit register.</summary>
internal struct Vec128 : IVector<Vec128>
{
    private Vector128<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vec128(Vector128<float> value) => _value = value;

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 Load(ref readonly float source, nuint offset) => new(Vector128.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vec128 value, ref float destination, nuint offset) => value._value.StoreUnsafe(ref destination, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 Add(Vec128 left, Vec128 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 Subtract(Vec128 left, Vec128 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 MultiplyAdd(Vec128 left, Vec128 right, Vec128 addend) => VectorWidths.HasFusedMultiplyAdd
        ? new(Vector128.FusedMultiplyAdd(left._value, right._value, addend._value))
        : new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(Vec128 left, Vec128 right, ref Vec128 sum)
    {
        if (VectorWidths.HasFusedMultiplyAdd)
        {
            sum._value = Vector128.FusedMultiplyAdd(left._value, right._value, sum._value);
        }
        else
        {
            sum._value += left._value * right._value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vec128 Max(Vec128 left, Vec128 right) => new(Vector128.MaxNative(left._value, right._value));
}
