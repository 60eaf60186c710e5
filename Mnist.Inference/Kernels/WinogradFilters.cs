using System.Runtime.CompilerServices;

namespace Mnist.Inference.Kernels;

/// <summary>What of <see cref="Winograd"/>'s transforms depends on the side of the convolution kernel.</summary>
internal interface IWinogradFilter
{
    /// <summary>Of the algorithm, as Winograd's has them: outputs, then kernel.</summary>
    static abstract string Name { get; }

    /// <summary>Side of the kernel.</summary>
    static abstract int Kernel { get; }

    /// <summary>G g: the values of the polynomial g at the six points, each divided by what B leaves out.</summary>
    static abstract void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>A' m: the powers of the six points, added up as the products say.</summary>
    static abstract void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;
}

/// <summary>F(4x4, 3x3).</summary>
internal readonly struct Filter3x3 : IWinogradFilter
{
    public static string Name => "F(4x4, 3x3)";

    public static int Kernel => 3;

    // G g: rows (1/4 0 0), (-1/6 -1/6 -1/6), (-1/6 1/6 -1/6), (1/24 1/12 1/6), (1/24 -1/12 1/6), (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var g0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var g1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var g2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var zero = TVec.Create(0);
        var minusSixth = TVec.Create(-1f / 6);
        var outer = TVec.MultiplyAdd(minusSixth, TVec.Add(g0, g2), zero);
        var weighted = TVec.MultiplyAdd(TVec.Create(1f / 24), g0, TVec.MultiplyAdd(TVec.Create(1f / 6), g2, zero));
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 4), g0, zero), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(minusSixth, g1, outer), ref destination, 1, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 6), g1, outer), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 12), g1, weighted), ref destination, 3, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(-1f / 12), g1, weighted), ref destination, 4, stride);
        Winograd.Put(g2, ref destination, 5, stride);
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
internal readonly struct Filter5x5 : IWinogradFilter
{
    public static string Name => "F(2x2, 5x5)";

    public static int Kernel => 5;

    // Rows (1/4 0 0 0 0), (-1/6 -1/6 -1/6 -1/6 -1/6), (-1/6 1/6 -1/6 1/6 -1/6), (1/24 1/12 1/6 1/3 2/3), (1/24 -1/12 1/6 -1/3 2/3), (0 0 0 0 1).
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

    // Rows (1 1 1 1 1 0), (0 1 -1 2 -2 1).
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
