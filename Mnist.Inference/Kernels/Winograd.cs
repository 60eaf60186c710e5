using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// Winograd's convolution with tiles of 6x6 inputs: Y = A' [(G g G') * (B' d B)] A makes of a tile d and a kernel g a tile of outputs with 36
/// products for each pair of channels. A kernel of 3x3 gives 4x4 outputs, for which the definition has 144 products, one of 5x5 gives 2x2 for 100.
/// </summary>
/// <remarks>
/// Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3: polynomials are interpolated at 0,
/// 1, -1, 2, -2 and infinity. B depends on these points alone, G and A on the kernel, too (<see cref="IWinogradFilter"/>). Lanes are channels: a
/// transform mixes pixels, never lanes, so every width gives the same bits. Transformed values lie as 36 matrices [tiles, channels], one for each
/// place of a tile, ready for 36 matrix products.
/// </remarks>
internal static class Winograd
{
    /// <summary>Side of an input tile: neighbouring tiles share as many rows and columns as their outputs are fewer.</summary>
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

    /// <summary>Whether there is a form for kernels of this side.</summary>
    public static bool Supports(int kernel) => kernel is 3 or 5;

    /// <summary>Side of the output tile of a kernel.</summary>
    public static int OutputTile(int kernel) => InputTile + 1 - kernel;

    /// <summary>Tiles along an output side of <paramref name="size"/>.</summary>
    public static int Tiles(int size, int kernel) => (size + OutputTile(kernel) - 1) / OutputTile(kernel);

    /// <summary>Rows or columns by which the tiles of an output side of <paramref name="size"/> reach beyond it.</summary>
    public static int Excess(int size, int kernel) => (Tiles(size, kernel) * OutputTile(kernel)) - size;

    /// <summary>Transforms a kernel: weights [kernel x kernel, inputs, outputs] to [36, inputs, outputs].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformWeights<TVec, TFilter>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed, Span<float> scratch)
        where TVec : struct, IVector<TVec>
        where TFilter : struct, IWinogradFilter
    {
        int kernel = TFilter.Kernel;
        Debug.Assert(weights.Length == kernel * kernel * inputs * outputs && transformed.Length == Places * inputs * outputs && outputs % TVec.Count == 0);
        int plane = inputs * outputs;
        ref float source = ref Unsafe.AsRef(in MemoryMarshal.GetReference(weights));
        ref float destination = ref MemoryMarshal.GetReference(transformed);
        ref float columns = ref MemoryMarshal.GetReference(scratch);
        for (int start = 0; start < plane; start += TVec.Count)
        {
            for (int x = 0; x < kernel; x++)
            {
                TFilter.WeightColumn<TVec>(ref Unsafe.Add(ref source, (x * plane) + start), kernel * plane, ref Unsafe.Add(ref columns, x * TVec.Count), kernel * TVec.Count);
            }

            for (int y = 0; y < InputTile; y++)
            {
                TFilter.WeightColumn<TVec>(ref Unsafe.Add(ref columns, y * kernel * TVec.Count), TVec.Count, ref Unsafe.Add(ref destination, (y * InputTile * plane) + start), plane);
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

    /// <summary>Transforms the 36 products of one tile, for one vector of channels, into the tile's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput<TVec, TFilter>(ref float products, int planeStride, ref float outputs, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TFilter : struct, IWinogradFilter
    {
        for (int x = 0; x < InputTile; x++)
        {
            TFilter.OutputColumn<TVec>(
                ref Unsafe.Add(ref products, x * planeStride), InputTile * planeStride, ref Unsafe.Add(ref scratch, x * TVec.Count), InputTile * TVec.Count);
        }

        int side = OutputTile(TFilter.Kernel);
        for (int y = 0; y < side; y++)
        {
            TFilter.OutputColumn<TVec>(
                ref Unsafe.Add(ref scratch, y * InputTile * TVec.Count), TVec.Count, ref Unsafe.Add(ref outputs, y * side * TVec.Count), TVec.Count);
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

    /// <summary>Value <paramref name="index"/> of a column or row that lies <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec At<TVec>(ref float source, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Load(ref source, (nuint)(index * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TVec>(TVec value, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Store(value, ref destination, (nuint)(index * stride));
}
