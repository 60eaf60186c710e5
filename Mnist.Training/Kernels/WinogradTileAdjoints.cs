using System.Runtime.CompilerServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Kernels;

/// <summary>The part of <see cref="WinogradAdjoint"/> that depends on the kernel size: the transposed transforms of an <see cref="IWinogradTile"/>.</summary>
internal interface IWinogradTileAdjoint
{
    /// <summary>The Winograd variant.</summary>
    static abstract WinogradVariant Variant { get; }

    /// <summary>A y: one column of the transform of output gradients.</summary>
    static abstract void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>G' u: one column of the transform of weight gradients.</summary>
    static abstract void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;
}

/// <summary>Adjoint of <see cref="SmallTile3x3"/>.</summary>
internal readonly struct SmallTile3x3Adjoint : IWinogradTileAdjoint
{
    public static WinogradVariant Variant => SmallTile3x3.Variant;

    // A y: rows (1 0 0 0), (1 1 1 1), (1 -1 1 -1), (1 2 4 8), (1 -2 4 -8), (0 0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var y0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var y1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var y2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var y3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var two = TVec.Create(2);
        var four = TVec.Create(4);
        var even = TVec.Add(y0, y2);
        var odd = TVec.Add(y1, y3);
        var even4 = TVec.MultiplyAdd(four, y2, y0);
        var odd4 = TVec.MultiplyAdd(four, y3, y1);
        Winograd.Put(y0, ref destination, 0, stride);
        Winograd.Put(TVec.Add(even, odd), ref destination, 1, stride);
        Winograd.Put(TVec.Subtract(even, odd), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(two, odd4, even4), ref destination, 3, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(-2), odd4, even4), ref destination, 4, stride);
        Winograd.Put(y3, ref destination, 5, stride);
    }

    // G' u: rows (1/4 -1/6 -1/6 1/24 1/24 0), (0 -1/6 1/6 1/12 -1/12 0), (0 -1/6 -1/6 1/6 1/6 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var u1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var u2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var u3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var u4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var zero = TVec.Create(0);
        var sixth = TVec.Create(1f / 6);
        var minusSixth = TVec.Create(-1f / 6);
        var outer = TVec.MultiplyAdd(minusSixth, TVec.Add(u1, u2), zero);
        var sum34 = TVec.Add(u3, u4);
        Winograd.Put(
            TVec.MultiplyAdd(TVec.Create(1f / 4), Winograd.At<TVec>(ref source, 0, sourceStride), TVec.MultiplyAdd(TVec.Create(1f / 24), sum34, outer)),
            ref destination, 0, stride);
        Winograd.Put(
            TVec.MultiplyAdd(sixth, TVec.Subtract(u2, u1), TVec.MultiplyAdd(TVec.Create(1f / 12), TVec.Subtract(u3, u4), zero)), ref destination, 1, stride);
        Winograd.Put(TVec.Add(TVec.MultiplyAdd(sixth, sum34, outer), Winograd.At<TVec>(ref source, 5, sourceStride)), ref destination, 2, stride);
    }
}

/// <summary>Adjoint of <see cref="SmallTile5x5"/>.</summary>
internal readonly struct SmallTile5x5Adjoint : IWinogradTileAdjoint
{
    public static WinogradVariant Variant => SmallTile5x5.Variant;

    // A y: rows (1 0), (1 1), (1 -1), (1 2), (1 -2), (0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var y0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var y1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        Winograd.Put(y0, ref destination, 0, stride);
        Winograd.Put(TVec.Add(y0, y1), ref destination, 1, stride);
        Winograd.Put(TVec.Subtract(y0, y1), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(2), y1, y0), ref destination, 3, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(-2), y1, y0), ref destination, 4, stride);
        Winograd.Put(y1, ref destination, 5, stride);
    }

    // G' u: rows (1/4 -1/6 -1/6 1/24 1/24 0), (0 -1/6 1/6 1/12 -1/12 0), (0 -1/6 -1/6 1/6 1/6 0), (0 -1/6 1/6 1/3 -1/3 0), (0 -1/6 -1/6 2/3 2/3 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var u1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var u2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var u3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var u4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var zero = TVec.Create(0);
        var sixth = TVec.Create(1f / 6);
        var even = TVec.MultiplyAdd(TVec.Create(-1f / 6), TVec.Add(u1, u2), zero);
        var odd = TVec.MultiplyAdd(sixth, TVec.Subtract(u2, u1), zero);
        var sum34 = TVec.Add(u3, u4);
        var difference34 = TVec.Subtract(u3, u4);
        Winograd.Put(
            TVec.MultiplyAdd(TVec.Create(1f / 4), Winograd.At<TVec>(ref source, 0, sourceStride), TVec.MultiplyAdd(TVec.Create(1f / 24), sum34, even)),
            ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 12), difference34, odd), ref destination, 1, stride);
        Winograd.Put(TVec.MultiplyAdd(sixth, sum34, even), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(TVec.Create(1f / 3), difference34, odd), ref destination, 3, stride);
        Winograd.Put(
            TVec.Add(TVec.MultiplyAdd(TVec.Create(2f / 3), sum34, even), Winograd.At<TVec>(ref source, 5, sourceStride)), ref destination, 4, stride);
    }
}
