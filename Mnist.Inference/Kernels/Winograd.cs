using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// Winograd convolution with tiles of 6x6 or 8x8 inputs: Y = A' [(G g G') * (B' d B)] A computes an output tile Y from an input tile d and a kernel g
/// with 36 or 64 products per pair of channels. With 36 products a 3x3 kernel gives 4x4 outputs (direct: 144 products), a 5x5 kernel 2x2 (direct: 100).
/// </summary>
/// <remarks>
/// Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3: polynomials are interpolated at the points
/// 0, 1, -1, 2, -2 and infinity, and for 8x8 inputs also at 1/2 and -1/2. B depends on the points alone, G and A also on the kernel
/// (<see cref="IWinogradTile"/>). Lanes are channels: a transform mixes pixels, never lanes, so every width gives the same bits. Transformed values are
/// stored as one matrix [tiles, channels] per tile element, ready for as many matrix products.
/// </remarks>
internal static class Winograd
{
    /// <summary>Elements of the largest tile.</summary>
    private const int MaxTileElements = 64;

    /// <summary>Working memory of a transform, in floats.</summary>
    public const int ScratchLength = MaxTileElements * 2 * TensorLayout.Lanes;

    /// <summary>
    /// Distance between the matrices [tiles, channels] of two tile elements, one cache line more than their size. A transform writes to all matrices at
    /// once; at a multiple of the page size they would map to the same sets of the first-level cache.
    /// </summary>
    public static int PlaneStride(int tiles, int channels) => (tiles * channels) + TensorLayout.Lanes;

    /// <summary>Transforms weights [kernel x kernel, inputs, outputs] to [tile elements, inputs, outputs].</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void TransformWeights<TVec, TTile>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed, Span<float> scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int kernel = TTile.Variant.Kernel;
        int side = TTile.Variant.InputTile;
        Debug.Assert(weights.Length == kernel * kernel * inputs * outputs && transformed.Length == TTile.Variant.TileElements * inputs * outputs && outputs % TVec.Count == 0);
        int plane = inputs * outputs;
        ref float source = ref Unsafe.AsRef(in MemoryMarshal.GetReference(weights));
        ref float destination = ref MemoryMarshal.GetReference(transformed);
        ref float columns = ref MemoryMarshal.GetReference(scratch);
        for (int start = 0; start < plane; start += TVec.Count)
        {
            for (int x = 0; x < kernel; x++)
            {
                TTile.WeightColumn<TVec>(ref Unsafe.Add(ref source, (x * plane) + start), kernel * plane, ref Unsafe.Add(ref columns, x * TVec.Count), kernel * TVec.Count);
            }

            for (int y = 0; y < side; y++)
            {
                TTile.WeightColumn<TVec>(ref Unsafe.Add(ref columns, y * kernel * TVec.Count), TVec.Count, ref Unsafe.Add(ref destination, (y * side * plane) + start), plane);
            }
        }
    }

    /// <summary>Transforms one input tile: the channels of tile element (y, x) go to (side * y + x) * <paramref name="planeStride"/>.</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void TransformInput<TVec, TTile>(ref float input, int rowStride, int channels, ref float transformed, int planeStride, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int side = TTile.Variant.InputTile;
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            for (int x = 0; x < side; x++)
            {
                TTile.InputColumn<TVec>(ref Unsafe.Add(ref input, (x * channels) + channel), rowStride, ref Unsafe.Add(ref scratch, x * TVec.Count), side * TVec.Count);
            }

            for (int y = 0; y < side; y++)
            {
                TTile.InputColumn<TVec>(
                    ref Unsafe.Add(ref scratch, y * side * TVec.Count), TVec.Count,
                    ref Unsafe.Add(ref transformed, (y * side * planeStride) + channel), planeStride);
            }
        }
    }

    /// <summary>Transforms the products of one tile to its outputs, for one vector of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput<TVec, TTile>(ref float products, int planeStride, ref float outputs, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int side = TTile.Variant.InputTile;
        for (int x = 0; x < side; x++)
        {
            TTile.OutputColumn<TVec>(
                ref Unsafe.Add(ref products, x * planeStride), side * planeStride, ref Unsafe.Add(ref scratch, x * TVec.Count), side * TVec.Count);
        }

        int outputSide = TTile.Variant.OutputTile;
        for (int y = 0; y < outputSide; y++)
        {
            TTile.OutputColumn<TVec>(
                ref Unsafe.Add(ref scratch, y * side * TVec.Count), TVec.Count, ref Unsafe.Add(ref outputs, y * outputSide * TVec.Count), TVec.Count);
        }
    }

    /// <summary>Largest value of a 2x2 window of a tile, per channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Largest<TVec>(ref float window, int tileRow)
        where TVec : struct, IVector<TVec>
    {
        var first = TVec.Max(TVec.Load(ref window, 0), TVec.Load(ref window, (nuint)TVec.Count));
        var second = TVec.Max(TVec.Load(ref window, (nuint)tileRow), TVec.Load(ref window, (nuint)(tileRow + TVec.Count)));
        return TVec.Max(first, second);
    }

    /// <summary>Loads element <paramref name="index"/> of a column or row whose elements are <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec At<TVec>(ref float source, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Load(ref source, (nuint)(index * stride));

    /// <summary>Stores element <paramref name="index"/> of a column or row whose elements are <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TVec>(TVec value, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Store(value, ref destination, (nuint)(index * stride));
}
