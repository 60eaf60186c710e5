using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>c[r, n] = sum over k of a[r, k] * b[k, n]: the 36 products of <see cref="Winograd"/>, whose rows are tiles and whose columns are output channels.</summary>
/// <remarks>
/// Lanes are columns. Like the <see cref="ConvolutionKernel"/> it keeps six rows x two or three vectors of columns in registers and takes k in its order,
/// so it gives the same bits; but its rows lie one after the other and its sums are short, so it stays in one loop from the first row to the last.
/// </remarks>
internal static class MatrixKernel
{
    /// <summary>Rows that one step computes.</summary>
    public const int RowsAtOnce = 6;

    /// <param name="a">[rows, inner].</param>
    /// <param name="rows">Rows of a and c.</param>
    /// <param name="inner">Columns of a, rows of b.</param>
    /// <param name="b">[inner, columns].</param>
    /// <param name="columns">Columns of b and c, a multiple of the vector's lanes.</param>
    /// <param name="c">Receives [rows, columns].</param>
    public static void Multiply<TVec>(ReadOnlySpan<float> a, int rows, int inner, ReadOnlySpan<float> b, int columns, Span<float> c)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(a.Length >= rows * inner && b.Length == inner * columns && c.Length >= rows * columns && columns % TVec.Count == 0);
        ref float left = ref MemoryMarshal.GetReference(a);
        ref float right = ref MemoryMarshal.GetReference(b);
        ref float product = ref MemoryMarshal.GetReference(c);
        int column = 0;
        for (; VecTriple<TVec>.Fits(columns - column); column += VecTriple<TVec>.Count)
        {
            Panel<VecTriple<TVec>>(ref left, rows, inner, ref Unsafe.Add(ref right, column), columns, ref Unsafe.Add(ref product, column));
        }

        for (; column + VecPair<TVec>.Count <= columns; column += VecPair<TVec>.Count)
        {
            Panel<VecPair<TVec>>(ref left, rows, inner, ref Unsafe.Add(ref right, column), columns, ref Unsafe.Add(ref product, column));
        }

        if (column < columns)
        {
            Panel<TVec>(ref left, rows, inner, ref Unsafe.Add(ref right, column), columns, ref Unsafe.Add(ref product, column));
        }
    }

    // Optimised at its first call: the tiers before would run a hundred times slower, and under load for long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<TVec>(ref float a, int rows, int inner, ref float b, int columns, ref float c)
        where TVec : struct, IVector<TVec>
    {
        int row = 0;
        for (; rows - row > 3; row += RowsAtOnce)
        {
            // Past the end a step repeats the last row: it computes and stores the same values again.
            int last = rows - 1 - row;
            nuint r1 = (nuint)Math.Min(1, last), r2 = (nuint)Math.Min(2, last), r3 = (nuint)Math.Min(3, last), r4 = (nuint)Math.Min(4, last), r5 = (nuint)Math.Min(5, last);
            ref float a0 = ref Unsafe.Add(ref a, row * inner);
            ref float a1 = ref Unsafe.Add(ref a0, r1 * (nuint)inner);
            ref float a2 = ref Unsafe.Add(ref a0, r2 * (nuint)inner);
            ref float a3 = ref Unsafe.Add(ref a0, r3 * (nuint)inner);
            ref float a4 = ref Unsafe.Add(ref a0, r4 * (nuint)inner);
            ref float a5 = ref Unsafe.Add(ref a0, r5 * (nuint)inner);
            ref float weights = ref b;
            TVec sum0 = TVec.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0;
            for (nuint k = 0; k < (nuint)inner; k++)
            {
                var w = TVec.Load(ref weights, 0);
                sum0 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a0, k)), w, sum0);
                sum1 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a1, k)), w, sum1);
                sum2 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a2, k)), w, sum2);
                sum3 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a3, k)), w, sum3);
                sum4 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a4, k)), w, sum4);
                sum5 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a5, k)), w, sum5);
                weights = ref Unsafe.Add(ref weights, columns);
            }

            ref float c0 = ref Unsafe.Add(ref c, row * columns);
            TVec.Store(sum0, ref c0, 0);
            TVec.Store(sum1, ref c0, r1 * (nuint)columns);
            TVec.Store(sum2, ref c0, r2 * (nuint)columns);
            TVec.Store(sum3, ref c0, r3 * (nuint)columns);
            TVec.Store(sum4, ref c0, r4 * (nuint)columns);
            TVec.Store(sum5, ref c0, r5 * (nuint)columns);
        }

        // Three rows that are left over are the end of a single image's nine tiles of 12x12 pixels.
        if (rows - row == 3)
        {
            ref float a0 = ref Unsafe.Add(ref a, row * inner);
            ref float a1 = ref Unsafe.Add(ref a0, inner);
            ref float a2 = ref Unsafe.Add(ref a1, inner);
            ref float weights = ref b;
            TVec sum0 = TVec.Create(0), sum1 = sum0, sum2 = sum0;
            for (nuint k = 0; k < (nuint)inner; k++)
            {
                var w = TVec.Load(ref weights, 0);
                sum0 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a0, k)), w, sum0);
                sum1 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a1, k)), w, sum1);
                sum2 = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a2, k)), w, sum2);
                weights = ref Unsafe.Add(ref weights, columns);
            }

            ref float c0 = ref Unsafe.Add(ref c, row * columns);
            TVec.Store(sum0, ref c0, 0);
            TVec.Store(sum1, ref c0, (nuint)columns);
            TVec.Store(sum2, ref c0, (nuint)(2 * columns));
            return;
        }

        // One or two are cheaper one by one than as a step of which most is thrown away.
        for (; row < rows; row++)
        {
            ref float a0 = ref Unsafe.Add(ref a, row * inner);
            ref float weights = ref b;
            var sum = TVec.Create(0);
            for (nuint k = 0; k < (nuint)inner; k++)
            {
                sum = TVec.MultiplyAdd(TVec.Create(Unsafe.Add(ref a0, k)), TVec.Load(ref weights, 0), sum);
                weights = ref Unsafe.Add(ref weights, columns);
            }

            TVec.Store(sum, ref c, (nuint)(row * columns));
        }
    }
}
