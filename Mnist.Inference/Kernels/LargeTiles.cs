using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>Tiles of 8x8 inputs: polynomials at 0, 1, -1, 2, -2, 1/2, -1/2 and infinity.</summary>
internal static class EightPoints
{
    // B' d: rows (1 0 -21/4 0 21/4 0 -1 0), (0 1 1 -17/4 -17/4 1 1 0), (0 -1 1 17/4 -17/4 -1 1 0), (0 1/2 1/4 -5/2 -5/4 2 1 0),
    // (0 -1/2 1/4 5/2 -5/4 -2 1 0), (0 2 4 -5/2 -5 1/2 1 0), (0 -2 4 5/2 -5 -1/2 1 0), (0 -1 0 21/4 0 -21/4 0 1).
    [MethodImpl(CompileAs.Kernel)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var d1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var d2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var d3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var d4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var d5 = Winograd.At<TVec>(ref source, 5, sourceStride);
        var d6 = Winograd.At<TVec>(ref source, 6, sourceStride);
        var ends = TVec.Create(21f / 4);
        Winograd.Put(TVec.MultiplyAdd(ends, TVec.Subtract(d4, d2), TVec.Subtract(Winograd.At<TVec>(ref source, 0, sourceStride), d6)), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(ends, TVec.Subtract(d3, d5), TVec.Subtract(Winograd.At<TVec>(ref source, 7, sourceStride), d1)), ref destination, 7, stride);
        var middle = TVec.Create(-17f / 4);
        PutPair(TVec.MultiplyAdd(middle, d4, TVec.Add(d2, d6)), TVec.MultiplyAdd(middle, d3, TVec.Add(d1, d5)), 1, ref destination, 1, stride);
        var quarter = TVec.Create(1f / 4);
        var four = TVec.Create(4);
        var minusFive = TVec.Create(-5);
        var minusFiveQuarters = TVec.Create(-5f / 4);
        PutPair(
            TVec.MultiplyAdd(quarter, d2, TVec.MultiplyAdd(minusFiveQuarters, d4, d6)), TVec.MultiplyAdd(four, d5, TVec.MultiplyAdd(minusFive, d3, d1)), 1f / 2,
            ref destination, 3, stride);
        PutPair(
            TVec.MultiplyAdd(four, d2, TVec.MultiplyAdd(minusFive, d4, d6)), TVec.MultiplyAdd(quarter, d5, TVec.MultiplyAdd(minusFiveQuarters, d3, d1)), 2,
            ref destination, 5, stride);
    }

    // G g: (1 0 ...), -2/9 (1 p p^2 ...) for p = 1 and -1, 1/90 (...) for 2 and -2, 32/45 (...) for 1/2 and -1/2, (... 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(int kernel, ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        Winograd.Put(Winograd.At<TVec>(ref source, 0, sourceStride), ref destination, 0, stride);
        PutValues<TVec>(kernel, ref source, sourceStride, 1, -2f / 9, ref destination, 1, stride);
        PutValues<TVec>(kernel, ref source, sourceStride, 2, 1f / 90, ref destination, 3, stride);
        PutValues<TVec>(kernel, ref source, sourceStride, 1f / 2, 32f / 45, ref destination, 5, stride);
        Winograd.Put(Winograd.At<TVec>(ref source, kernel - 1, sourceStride), ref destination, 7, stride);
    }

    /// <summary>Stores the values at a point and at its negative, from the sums of even and odd powers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutPair<TVec>(TVec even, TVec odd, float factor, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec>
    {
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(factor), odd, even), ref destination, index, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(-factor), odd, even), ref destination, index + 1, stride);
    }

    private static void PutValues<TVec>(int kernel, ref float source, int sourceStride, float point, float scale, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec>
    {
        var even = TVec.Create(0);
        var odd = TVec.Create(0);
        for (int power = 0; power < kernel; power++)
        {
            var coefficient = Winograd.At<TVec>(ref source, power, sourceStride);
            var weight = TVec.Create(scale * MathF.Pow(point, power));
            if (power % 2 == 0)
            {
                even = TVec.MultiplyAdd(weight, coefficient, even);
            }
            else
            {
                odd = TVec.MultiplyAdd(weight, coefficient, odd);
            }
        }

        PutPair(even, odd, 1, ref destination, index, stride);
    }
}

/// <summary>F(6x6, 3x3).</summary>
internal readonly struct LargeTile3x3 : IWinogradTile
{
    public static WinogradVariant Variant => new(Kernel: 3, OutputTile: 6);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => EightPoints.InputColumn<TVec>(ref source, sourceStride, ref destination, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => EightPoints.WeightColumn<TVec>(3, ref source, sourceStride, ref destination, stride);

    // A' m: rows (1 1 1 1 1 1 1 0), (0 1 -1 2 -2 1/2 -1/2 0), (0 1 1 4 4 1/4 1/4 0), (0 1 -1 8 -8 1/8 -1/8 0),
    // (0 1 1 16 16 1/16 1/16 0), (0 1 -1 32 -32 1/32 -1/32 1).
    [MethodImpl(CompileAs.Kernel)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var m1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var m2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var m3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var m4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var m5 = Winograd.At<TVec>(ref source, 5, sourceStride);
        var m6 = Winograd.At<TVec>(ref source, 6, sourceStride);
        var sum12 = TVec.Add(m1, m2);
        var sum34 = TVec.Add(m3, m4);
        var sum56 = TVec.Add(m5, m6);
        Winograd.Put(TVec.Add(TVec.Add(Winograd.At<TVec>(ref source, 0, sourceStride), sum12), TVec.Add(sum34, sum56)), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(4), sum34, TVec.MultiplyAdd(TVec.Create(1f / 4), sum56, sum12)), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(16), sum34, TVec.MultiplyAdd(TVec.Create(1f / 16), sum56, sum12)), ref destination, 4, stride);
        var difference12 = TVec.Subtract(m1, m2);
        var difference34 = TVec.Subtract(m3, m4);
        var difference56 = TVec.Subtract(m5, m6);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(2), difference34, TVec.MultiplyAdd(TVec.Create(1f / 2), difference56, difference12)), ref destination, 1, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(8), difference34, TVec.MultiplyAdd(TVec.Create(1f / 8), difference56, difference12)), ref destination, 3, stride);
        var last = TVec.Add(difference12, Winograd.At<TVec>(ref source, 7, sourceStride));
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(32), difference34, TVec.MultiplyAdd(TVec.Create(1f / 32), difference56, last)), ref destination, 5, stride);
    }
}

/// <summary>F(4x4, 5x5).</summary>
internal readonly struct LargeTile5x5 : IWinogradTile
{
    public static WinogradVariant Variant => new(Kernel: 5, OutputTile: 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => EightPoints.InputColumn<TVec>(ref source, sourceStride, ref destination, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => EightPoints.WeightColumn<TVec>(5, ref source, sourceStride, ref destination, stride);

    // A' m: rows (1 1 1 1 1 1 1 0), (0 1 -1 2 -2 1/2 -1/2 0), (0 1 1 4 4 1/4 1/4 0), (0 1 -1 8 -8 1/8 -1/8 1).
    [MethodImpl(CompileAs.Kernel)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var m1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var m2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var m3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var m4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var m5 = Winograd.At<TVec>(ref source, 5, sourceStride);
        var m6 = Winograd.At<TVec>(ref source, 6, sourceStride);
        var sum12 = TVec.Add(m1, m2);
        var sum34 = TVec.Add(m3, m4);
        var sum56 = TVec.Add(m5, m6);
        Winograd.Put(TVec.Add(TVec.Add(Winograd.At<TVec>(ref source, 0, sourceStride), sum12), TVec.Add(sum34, sum56)), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(4), sum34, TVec.MultiplyAdd(TVec.Create(1f / 4), sum56, sum12)), ref destination, 2, stride);
        var difference12 = TVec.Subtract(m1, m2);
        var difference34 = TVec.Subtract(m3, m4);
        var difference56 = TVec.Subtract(m5, m6);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(2), difference34, TVec.MultiplyAdd(TVec.Create(1f / 2), difference56, difference12)), ref destination, 1, stride);
        var last = TVec.Add(difference12, Winograd.At<TVec>(ref source, 7, sourceStride));
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(8), difference34, TVec.MultiplyAdd(TVec.Create(1f / 8), difference56, last)), ref destination, 3, stride);
    }
}
