using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>Tiles of 6x6 inputs: polynomials at 0, 1, -1, 2, -2 and infinity.</summary>
internal static class SixPoints
{
    public const int Count = 6;

    // B' d: rows (4 0 -5 0 1 0), (0 -4 -4 1 1 0), (0 4 -4 -1 1 0), (0 -2 -1 2 1 0), (0 2 -1 -2 1 0), (0 4 0 -5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var d0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var d1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var d2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var d3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var d4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var d5 = Winograd.At<TVec>(ref source, 5, sourceStride);
        var two = TVec.Create(2);
        var four = TVec.Create(4);
        var minusFour = TVec.Create(-4);
        var minusFive = TVec.Create(-5);
        var even = TVec.MultiplyAdd(minusFour, d2, d4);
        var odd = TVec.MultiplyAdd(minusFour, d1, d3);
        var evenDifference = TVec.Subtract(d4, d2);
        var oddDifference = TVec.Subtract(d3, d1);
        Winograd.Put(TVec.MultiplyAdd(four, d0, TVec.MultiplyAdd(minusFive, d2, d4)), ref destination, 0, stride);
        Winograd.Put(TVec.Add(even, odd), ref destination, 1, stride);
        Winograd.Put(TVec.Subtract(even, odd), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(two, oddDifference, evenDifference), ref destination, 3, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(-2), oddDifference, evenDifference), ref destination, 4, stride);
        Winograd.Put(TVec.MultiplyAdd(four, d1, TVec.MultiplyAdd(minusFive, d3, d5)), ref destination, 5, stride);
    }
}

/// <summary>F(4x4, 3x3).</summary>
internal readonly struct SmallTile3x3 : IWinogradTile
{
    public static WinogradVariant Variant => new(Kernel: 3, OutputTile: 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => SixPoints.InputColumn<TVec>(ref source, sourceStride, ref destination, stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        Values(
            Winograd.At<TVec>(ref source, 0, sourceStride), Winograd.At<TVec>(ref source, 1, sourceStride), Winograd.At<TVec>(ref source, 2, sourceStride),
            out var v0, out var v1, out var v2, out var v3, out var v4, out var v5);
        Winograd.Put(v0, ref destination, 0, stride);
        Winograd.Put(v1, ref destination, 1, stride);
        Winograd.Put(v2, ref destination, 2, stride);
        Winograd.Put(v3, ref destination, 3, stride);
        Winograd.Put(v4, ref destination, 4, stride);
        Winograd.Put(v5, ref destination, 5, stride);
    }

    // G g: rows (1/4 0 0), (-1/6 -1/6 -1/6), (-1/6 1/6 -1/6), (1/24 1/12 1/6), (1/24 -1/12 1/6), (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values<TVec>(TVec g0, TVec g1, TVec g2, out TVec v0, out TVec v1, out TVec v2, out TVec v3, out TVec v4, out TVec v5)
        where TVec : struct, IVector<TVec>
    {
        var zero = TVec.Create(0);
        var minusSixth = TVec.Create(-1f / 6);
        var outer = TVec.MultiplyAdd(minusSixth, TVec.Add(g0, g2), zero);
        var weighted = TVec.MultiplyAdd(TVec.Create(1f / 24), g0, TVec.MultiplyAdd(TVec.Create(1f / 6), g2, zero));
        v0 = TVec.MultiplyAdd(TVec.Create(1f / 4), g0, zero);
        v1 = TVec.MultiplyAdd(minusSixth, g1, outer);
        v2 = TVec.MultiplyAdd(TVec.Create(1f / 6), g1, outer);
        v3 = TVec.MultiplyAdd(TVec.Create(1f / 12), g1, weighted);
        v4 = TVec.MultiplyAdd(TVec.Create(-1f / 12), g1, weighted);
        v5 = g2;
    }

    // A' m: rows (1 1 1 1 1 0), (0 1 -1 2 -2 0), (0 1 1 4 4 0), (0 1 -1 8 -8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var m1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var m2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var m3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var m4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var sum12 = TVec.Add(m1, m2);
        var difference12 = TVec.Subtract(m1, m2);
        var sum34 = TVec.Add(m3, m4);
        var difference34 = TVec.Subtract(m3, m4);
        Winograd.Put(TVec.Add(Winograd.At<TVec>(ref source, 0, sourceStride), TVec.Add(sum12, sum34)), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(2), difference34, difference12), ref destination, 1, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(4), sum34, sum12), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(8), difference34, TVec.Add(difference12, Winograd.At<TVec>(ref source, 5, sourceStride))), ref destination, 3, stride);
    }
}

/// <summary>F(2x2, 5x5).</summary>
internal readonly struct SmallTile5x5 : IWinogradTile
{
    public static WinogradVariant Variant => new(Kernel: 5, OutputTile: 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec> => SixPoints.InputColumn<TVec>(ref source, sourceStride, ref destination, stride);

    // G g: rows (1/4 0 0 0 0), (-1/6 -1/6 -1/6 -1/6 -1/6), (-1/6 1/6 -1/6 1/6 -1/6), (1/24 1/12 1/6 1/3 2/3), (1/24 -1/12 1/6 -1/3 2/3), (0 0 0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var g0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var g1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var g2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var g3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var g4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var zero = TVec.Create(0);
        var sixth = TVec.Create(1f / 6);
        var minusSixth = TVec.Create(-1f / 6);
        var even = TVec.MultiplyAdd(minusSixth, TVec.Add(g0, TVec.Add(g2, g4)), zero);
        var odd = TVec.Add(g1, g3);
        var evenPowers = TVec.MultiplyAdd(TVec.Create(1f / 24), g0, TVec.MultiplyAdd(sixth, g2, TVec.MultiplyAdd(TVec.Create(2f / 3), g4, zero)));
        var oddPowers = TVec.MultiplyAdd(TVec.Create(1f / 12), g1, TVec.MultiplyAdd(TVec.Create(1f / 3), g3, zero));
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 4), g0, zero), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(minusSixth, odd, even), ref destination, 1, stride);
        Winograd.Put(TVec.MultiplyAdd(sixth, odd, even), ref destination, 2, stride);
        Winograd.Put(TVec.Add(evenPowers, oddPowers), ref destination, 3, stride);
        Winograd.Put(TVec.Subtract(evenPowers, oddPowers), ref destination, 4, stride);
        Winograd.Put(g4, ref destination, 5, stride);
    }

    // A' m: rows (1 1 1 1 1 0), (0 1 -1 2 -2 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var m1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var m2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var m3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var m4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var sum = TVec.Add(TVec.Add(m1, m2), TVec.Add(m3, m4));
        var difference = TVec.Add(TVec.Subtract(m1, m2), Winograd.At<TVec>(ref source, 5, sourceStride));
        Winograd.Put(TVec.Add(Winograd.At<TVec>(ref source, 0, sourceStride), sum), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(2), TVec.Subtract(m3, m4), difference), ref destination, 1, stride);
    }
}
