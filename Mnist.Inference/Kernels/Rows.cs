using System.Diagnostics;

namespace Mnist.Inference.Kernels;

/// <summary>Rows of a product that one step keeps in registers, as a type: the JIT sees a constant.</summary>
internal interface IRows
{
    /// <summary>1 to <see cref="Rows.MostAtOnce"/>.</summary>
    static abstract int Count { get; }
}

/// <summary>Divides the rows of a product into steps.</summary>
internal static class Rows
{
    /// <summary>Most rows of a step: with two vectors of columns, the sums, the weights and one input value fill AVX2's sixteen registers.</summary>
    public const int AtOnce = 6;

    /// <summary>The same for 32 registers and three vectors of columns: 24 sums, with a quarter fewer weight loads.</summary>
    public static int MostAtOnce => VectorWidths.HasManyRegisters ? 8 : AtOnce;

    /// <summary>Divides rows into as few steps as possible, of sizes as equal as possible: 8 rows are 4 + 4, not 6 + 2, because a step of 2 has too few independent sums.</summary>
    /// <param name="rows">Number of rows, at least one.</param>
    /// <param name="atOnce">Most rows of a step.</param>
    /// <returns>First <c>LargerSteps</c> of <c>Larger</c> rows each, then <c>SmallerSteps</c> of <c>Smaller</c> = <c>Larger</c> - 1 rows.</returns>
    public static (int LargerSteps, int Larger, int SmallerSteps, int Smaller) Divide(int rows, int atOnce)
    {
        Debug.Assert(rows > 0);
        int steps = (rows + atOnce - 1) / atOnce;
        return (rows % steps, (rows / steps) + 1, steps - (rows % steps), rows / steps);
    }
}

internal readonly struct OneRow : IRows
{
    public static int Count => 1;
}

internal readonly struct TwoRows : IRows
{
    public static int Count => 2;
}

internal readonly struct ThreeRows : IRows
{
    public static int Count => 3;
}

internal readonly struct FourRows : IRows
{
    public static int Count => 4;
}

internal readonly struct FiveRows : IRows
{
    public static int Count => 5;
}

internal readonly struct SixRows : IRows
{
    public static int Count => 6;
}

internal readonly struct SevenRows : IRows
{
    public static int Count => 7;
}

internal readonly struct EightRows : IRows
{
    public static int Count => 8;
}
