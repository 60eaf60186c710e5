namespace Mnist.Inference.Kernels;

/// <summary>
/// The operations on a vector of floats that the kernels use: each kernel is written once and compiled for every width.
/// </summary>
/// <remarks>
/// Each lane holds one output channel, or in one transform one pixel of a row, and there are no operations across lanes. Results are therefore
/// bit-identical at every width.
/// </remarks>
internal interface IVector<TSelf>
    where TSelf : struct, IVector<TSelf>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(ref readonly float source, nuint offset);

    static abstract void Store(TSelf value, ref float destination, nuint offset);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Create(float value);

    static abstract TSelf Add(TSelf left, TSelf right);

    static abstract TSelf Subtract(TSelf left, TSelf right);

    /// <summary>left * right + addend, rounded once if the CPU has FMA; see <see cref="VectorWidths.HasFusedMultiplyAdd"/>.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>
    /// sum = left * right + sum. Takes the accumulator by ref: the JIT may build a returned sum in a multiplicand's register and copy it back.
    /// For the same reason implementations assign to the field in a statement, not through a conditional expression.
    /// </summary>
    static abstract void Accumulate(TSelf left, TSelf right, ref TSelf sum);

    /// <summary>The larger value by the hardware's instruction: if one is NaN, x86 returns the second operand and Arm NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);
}
