namespace Mnist.Inference.Kernels;

/// <summary>
/// The few operations that the kernels need of a vector of floats, so that each kernel is written once and compiled for every width.
/// </summary>
/// <remarks>
/// A lane is an output channel, or in one transform a pixel of a row. Lanes never meet, so a result does not depend on how many of them there are: every width
/// gives the same bits.
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

    /// <summary>left * right + addend, rounded once where the CPU can; see <see cref="VectorWidths.HasFusedMultiplyAdd"/>.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>
    /// sum = left * right + sum. To the compiler it is more than a shorter way to write it: a sum that is returned it may build in the register of a factor,
    /// and then move. Implementations assign to the field, by a statement: a conditional expression would be a value, too.
    /// </summary>
    static abstract void Accumulate(TSelf left, TSelf right, ref TSelf sum);

    /// <summary>The larger value, as the hardware's max has it: where one is not a number, x86 gives the second, Arm none.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);
}
