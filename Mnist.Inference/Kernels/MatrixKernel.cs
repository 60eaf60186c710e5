using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Mnist.Inference.Kernels;

/// <summary>c[r, n] = sum over k of a[r, k] * b[k, n]: the products of <see cref="Winograd"/>, with tiles as rows and output channels as columns.</summary>
/// <remarks>
/// Lanes are columns. Like the <see cref="ConvolutionKernel"/> it keeps some rows x two or three vectors of columns in registers and adds k in
/// order, so the bits are the same at every width. Unlike there the rows are contiguous and the sums short, so one call loops over all steps.
/// </remarks>
internal static class MatrixKernel
{
    /// <summary>Bytes per cache line.</summary>
    private const int CacheLine = 64;

    /// <param name="a">[rows, inner].</param>
    /// <param name="rows">Rows of a and c, at least one.</param>
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

    private static void Panel<TVec>(ref float a, int rows, int inner, ref float b, int columns, ref float c)
        where TVec : struct, IVector<TVec>
    {
        var (largerSteps, larger, smallerSteps, smaller) = Rows.Divide(rows, Rows.MostAtOnce);
        int done = largerSteps * larger;
        if (done > 0)
        {
            Steps<TVec>(largerSteps, larger, ref a, inner, ref b, columns, ref c);
        }

        Steps<TVec>(smallerSteps, smaller, ref Unsafe.Add(ref a, done * inner), inner, ref b, columns, ref Unsafe.Add(ref c, done * columns));
    }

    private static void Steps<TVec>(int steps, int rows, ref float a, int inner, ref float b, int columns, ref float c)
        where TVec : struct, IVector<TVec>
    {
        switch (rows)
        {
            case 8:
                Steps<TVec, EightRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 7:
                Steps<TVec, SevenRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 6:
                Steps<TVec, SixRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 5:
                Steps<TVec, FiveRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 4:
                Steps<TVec, FourRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 3:
                Steps<TVec, ThreeRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            case 2:
                Steps<TVec, TwoRows>(steps, ref a, inner, ref b, columns, ref c);
                break;
            default:
                Steps<TVec, OneRow>(steps, ref a, inner, ref b, columns, ref c);
                break;
        }
    }

    // TRows.Count is a JIT constant: the conditions vanish. Pointers of missing rows alias the last row and are never dereferenced.
    [MethodImpl(CompileAs.Kernel)]
    private static void Steps<TVec, TRows>(int steps, ref float a, int inner, ref float b, int columns, ref float c)
        where TVec : struct, IVector<TVec>
        where TRows : struct, IRows
    {
        nuint stride = (nuint)columns;
        nuint plane = (nuint)inner * stride * sizeof(float);
        for (int step = 0; step < steps; step++)
        {
            ref float a0 = ref Unsafe.Add(ref a, step * TRows.Count * inner);
            ref float a1 = ref Unsafe.Add(ref a0, Math.Min(1, TRows.Count - 1) * inner);
            ref float a2 = ref Unsafe.Add(ref a0, Math.Min(2, TRows.Count - 1) * inner);
            ref float a3 = ref Unsafe.Add(ref a0, Math.Min(3, TRows.Count - 1) * inner);
            ref float a4 = ref Unsafe.Add(ref a0, Math.Min(4, TRows.Count - 1) * inner);
            ref float a5 = ref Unsafe.Add(ref a0, Math.Min(5, TRows.Count - 1) * inner);
            ref float a6 = ref Unsafe.Add(ref a0, Math.Min(6, TRows.Count - 1) * inner);
            ref float a7 = ref Unsafe.Add(ref a0, Math.Min(7, TRows.Count - 1) * inner);
            ref float weights = ref b;
            TVec sum0 = TVec.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0;
            for (nuint k = 0; k < (nuint)inner; k++)
            {
                var w = TVec.Load(ref weights, 0);
                TVec.Accumulate(TVec.Create(Unsafe.Add(ref a0, k)), w, ref sum0);
                if (TRows.Count > 1)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a1, k)), w, ref sum1);
                }

                if (TRows.Count > 2)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a2, k)), w, ref sum2);
                }

                if (TRows.Count > 3)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a3, k)), w, ref sum3);
                }

                if (TRows.Count > 4)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a4, k)), w, ref sum4);
                }

                if (TRows.Count > 5)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a5, k)), w, ref sum5);
                }

                if (TRows.Count > 6)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a6, k)), w, ref sum6);
                }

                if (TRows.Count > 7)
                {
                    TVec.Accumulate(TVec.Create(Unsafe.Add(ref a7, k)), w, ref sum7);
                }

                Prefetch<TVec>(ref weights, plane);
                weights = ref Unsafe.Add(ref weights, stride);
            }

            ref float c0 = ref Unsafe.Add(ref c, step * TRows.Count * columns);
            TVec.Store(sum0, ref c0, 0);
            if (TRows.Count > 1)
            {
                TVec.Store(sum1, ref c0, (nuint)columns);
            }

            if (TRows.Count > 2)
            {
                TVec.Store(sum2, ref c0, (nuint)(2 * columns));
            }

            if (TRows.Count > 3)
            {
                TVec.Store(sum3, ref c0, (nuint)(3 * columns));
            }

            if (TRows.Count > 4)
            {
                TVec.Store(sum4, ref c0, (nuint)(4 * columns));
            }

            if (TRows.Count > 5)
            {
                TVec.Store(sum5, ref c0, (nuint)(5 * columns));
            }

            if (TRows.Count > 6)
            {
                TVec.Store(sum6, ref c0, (nuint)(6 * columns));
            }

            if (TRows.Count > 7)
            {
                TVec.Store(sum7, ref c0, (nuint)(7 * columns));
            }
        }
    }

    /// <summary>
    /// Prefetches the weights of the next tile element's product, which follow in memory, from the second-level to the first-level cache: with few rows
    /// the product would wait for them. After the last product the address may be invalid, which a prefetch ignores.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<TVec>(ref float weights, nuint bytes)
        where TVec : struct, IVector<TVec>
    {
        if (Sse.IsSupported)
        {
            for (int line = 0; line < TVec.Count * sizeof(float); line += CacheLine)
            {
                Sse.Prefetch0((byte*)Unsafe.AsPointer(ref weights) + bytes + line);
            }
        }
    }
}
