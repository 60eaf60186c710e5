using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// The three transforms of Winograd's convolution F(4x4, 3x3): Y = A' [(G g G') * (B' d B)] A makes a tile of 4x4 outputs of a tile d of
/// 6x6 inputs and a kernel g of 3x3 with 36 products for each pair of channels, where the definition has 144.
/// </summary>
/// <remarks>
/// Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3, with their matrices:
/// interpolation at 0, 1, -1, 2, -2 and infinity. Lanes are channels: a transform mixes pixels, never lanes, so every width gives the
/// same bits. Transformed values lie as 36 matrices [tiles, channels], one for each place of a tile, ready for 36 matrix products.
/// </remarks>
internal static class Winograd
{
    /// <summary>Side of the convolution kernel.</summary>
    public const int Kernel = 3;

    /// <summary>Side of an output tile.</summary>
    public const int OutputTile = 4;

    /// <summary>Side of an input tile: neighbouring tiles share two rows and columns.</summary>
    public const int InputTile = 6;

    /// <summary>Places of a transformed tile.</summary>
    public const int Places = InputTile * InputTile;

    /// <summary>Floats of working memory that a transform needs.</summary>
    public const int ScratchLength = Places * 2 * TensorLayout.Lanes;

    /// <summary>
    /// Distance of two of the 36 matrices [tiles, channels]. One cache line more than they need: a transform writes to all of them at once, and at a
    /// multiple of the page size they would fall on the same few lines of the first-level cache.
    /// </summary>
    public static int PlaneStride(int tiles, int channels) => (tiles * channels) + TensorLayout.Lanes;

    /// <summary>Tiles along an output side of <paramref name="size"/>.</summary>
    public static int Tiles(int size) => (size + OutputTile - 1) / OutputTile;

    /// <summary>Rows or columns by which the tiles of an output side of <paramref name="size"/> reach beyond it.</summary>
    public static int Excess(int size) => (Tiles(size) * OutputTile) - size;

    /// <summary>Transforms a kernel: weights [3 x 3, inputs, outputs] to [36, inputs, outputs].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformWeights<TVec>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed, Span<float> scratch)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(weights.Length == Kernel * Kernel * inputs * outputs && transformed.Length == Places * inputs * outputs && outputs % TVec.Count == 0);
        int plane = inputs * outputs;
        ref float source = ref Unsafe.AsRef(in MemoryMarshal.GetReference(weights));
        ref float destination = ref MemoryMarshal.GetReference(transformed);
        ref float columns = ref MemoryMarshal.GetReference(scratch);
        for (int start = 0; start < plane; start += TVec.Count)
        {
            for (int x = 0; x < Kernel; x++)
            {
                WeightColumn<TVec>(ref Unsafe.Add(ref source, (x * plane) + start), Kernel * plane, ref Unsafe.Add(ref columns, x * TVec.Count), Kernel * TVec.Count);
            }

            for (int y = 0; y < InputTile; y++)
            {
                WeightColumn<TVec>(ref Unsafe.Add(ref columns, y * Kernel * TVec.Count), TVec.Count, ref Unsafe.Add(ref destination, (y * InputTile * plane) + start), plane);
            }
        }
    }

    /// <summary>Transforms the 6x6 inputs of one tile: all channels to place (y, x) at (6 y + x) * <paramref name="planeStride"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput<TVec>(ref float input, int rowStride, int channels, ref float transformed, int planeStride, ref float scratch)
        where TVec : struct, IVector<TVec>
    {
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            for (int x = 0; x < InputTile; x++)
            {
                InputColumn<TVec>(ref Unsafe.Add(ref input, (x * channels) + channel), rowStride, ref Unsafe.Add(ref scratch, x * TVec.Count), InputTile * TVec.Count);
            }

            for (int y = 0; y < InputTile; y++)
            {
                InputColumn<TVec>(
                    ref Unsafe.Add(ref scratch, y * InputTile * TVec.Count), TVec.Count,
                    ref Unsafe.Add(ref transformed, (y * InputTile * planeStride) + channel), planeStride);
            }
        }
    }

    /// <summary>Transforms the 36 products of one tile, for one vector of channels, into 4x4 outputs in <paramref name="outputs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput<TVec>(ref float products, int planeStride, ref float outputs, ref float scratch)
        where TVec : struct, IVector<TVec>
    {
        for (int x = 0; x < InputTile; x++)
        {
            OutputColumn<TVec>(ref Unsafe.Add(ref products, x * planeStride), InputTile * planeStride, ref Unsafe.Add(ref scratch, x * TVec.Count), InputTile * TVec.Count);
        }

        for (int y = 0; y < OutputTile; y++)
        {
            OutputColumn<TVec>(ref Unsafe.Add(ref scratch, y * InputTile * TVec.Count), TVec.Count, ref Unsafe.Add(ref outputs, y * OutputTile * TVec.Count), TVec.Count);
        }
    }

    // B' d: rows (4 0 -5 0 1 0), (0 -4 -4 1 1 0), (0 4 -4 -1 1 0), (0 -2 -1 2 1 0), (0 2 -1 -2 1 0), (0 4 0 -5 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var d0 = At<TVec>(ref source, 0, sourceStride);
        var d1 = At<TVec>(ref source, 1, sourceStride);
        var d2 = At<TVec>(ref source, 2, sourceStride);
        var d3 = At<TVec>(ref source, 3, sourceStride);
        var d4 = At<TVec>(ref source, 4, sourceStride);
        var d5 = At<TVec>(ref source, 5, sourceStride);
        var two = TVec.Create(2);
        var four = TVec.Create(4);
        var minusFour = TVec.Create(-4);
        var minusFive = TVec.Create(-5);
        var even = TVec.MultiplyAdd(minusFour, d2, d4);
        var odd = TVec.MultiplyAdd(minusFour, d1, d3);
        var evenDifference = TVec.Subtract(d4, d2);
        var oddDifference = TVec.Subtract(d3, d1);
        Put(TVec.MultiplyAdd(four, d0, TVec.MultiplyAdd(minusFive, d2, d4)), ref destination, 0, stride);
        Put(TVec.Add(even, odd), ref destination, 1, stride);
        Put(TVec.Subtract(even, odd), ref destination, 2, stride);
        Put(TVec.MultiplyAdd(two, oddDifference, evenDifference), ref destination, 3, stride);
        Put(TVec.MultiplyAdd(TVec.Create(-2), oddDifference, evenDifference), ref destination, 4, stride);
        Put(TVec.MultiplyAdd(four, d1, TVec.MultiplyAdd(minusFive, d3, d5)), ref destination, 5, stride);
    }

    // G g: rows (1/4 0 0), (-1/6 -1/6 -1/6), (-1/6 1/6 -1/6), (1/24 1/12 1/6), (1/24 -1/12 1/6), (0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var g0 = At<TVec>(ref source, 0, sourceStride);
        var g1 = At<TVec>(ref source, 1, sourceStride);
        var g2 = At<TVec>(ref source, 2, sourceStride);
        var zero = TVec.Create(0);
        var minusSixth = TVec.Create(-1f / 6);
        var outer = TVec.MultiplyAdd(minusSixth, TVec.Add(g0, g2), zero);
        var weighted = TVec.MultiplyAdd(TVec.Create(1f / 24), g0, TVec.MultiplyAdd(TVec.Create(1f / 6), g2, zero));
        Put(TVec.MultiplyAdd(TVec.Create(1f / 4), g0, zero), ref destination, 0, stride);
        Put(TVec.MultiplyAdd(minusSixth, g1, outer), ref destination, 1, stride);
        Put(TVec.MultiplyAdd(TVec.Create(1f / 6), g1, outer), ref destination, 2, stride);
        Put(TVec.MultiplyAdd(TVec.Create(1f / 12), g1, weighted), ref destination, 3, stride);
        Put(TVec.MultiplyAdd(TVec.Create(-1f / 12), g1, weighted), ref destination, 4, stride);
        Put(g2, ref destination, 5, stride);
    }

    // A' m: rows (1 1 1 1 1 0), (0 1 -1 2 -2 0), (0 1 1 4 4 0), (0 1 -1 8 -8 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var m1 = At<TVec>(ref source, 1, sourceStride);
        var m2 = At<TVec>(ref source, 2, sourceStride);
        var m3 = At<TVec>(ref source, 3, sourceStride);
        var m4 = At<TVec>(ref source, 4, sourceStride);
        var sum12 = TVec.Add(m1, m2);
        var difference12 = TVec.Subtract(m1, m2);
        var sum34 = TVec.Add(m3, m4);
        var difference34 = TVec.Subtract(m3, m4);
        Put(TVec.Add(At<TVec>(ref source, 0, sourceStride), TVec.Add(sum12, sum34)), ref destination, 0, stride);
        Put(TVec.MultiplyAdd(TVec.Create(2), difference34, difference12), ref destination, 1, stride);
        Put(TVec.MultiplyAdd(TVec.Create(4), sum34, sum12), ref destination, 2, stride);
        Put(TVec.MultiplyAdd(TVec.Create(8), difference34, TVec.Add(difference12, At<TVec>(ref source, 5, sourceStride))), ref destination, 3, stride);
    }

    /// <summary>Value <paramref name="index"/> of a column or row that lies <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec At<TVec>(ref float source, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Load(ref source, (nuint)(index * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TVec>(TVec value, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Store(value, ref destination, (nuint)(index * stride));
}
