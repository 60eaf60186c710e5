using System.Diagnostics;

namespace Mnist.Inference.Kernels;

/// <summary>How many rows of a product one step keeps in registers: a type, so that to the compiler it is a constant.</summary>
internal interface IRows
{
    /// <summary>1 to <see cref="Rows.MostAtOnce"/>.</summary>
    static abstract int Count { get; }
}

/// <summary>Divides the rows of a product into steps.</summary>
internal static class Rows
{
    /// <summary>The most rows of a step: with two vectors of columns they, the weights and an input value fill AVX2's sixteen registers.</summary>
    public const int AtOnce = 6;

    /// <summary>The same with 32 registers and three vectors of columns: 24 sums, for which weights are loaded a quarter less often.</summary>
    public static int MostAtOnce => VectorWidths.HasManyRegisters ? 8 : AtOnce;

    /// <summary>As few steps as possible, of as equal size as possible: 8 rows by at most 6 are 4 and 4, for a step of 2 would wait for its own sums.</summary>
    /// <param name="rows">How many there are, at least one.</param>
    /// <param name="atOnce">The most rows of a step.</param>
    /// <returns>First so many steps of <c>Larger</c> rows, then so many of one row less, <c>Smaller</c>.</returns>
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
