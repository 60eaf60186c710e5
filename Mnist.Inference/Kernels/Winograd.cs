using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// Winograd's convolution with tiles of 6x6 or 8x8 inputs: Y = A' [(G g G') * (B' d B)] A makes of a tile d and a kernel g a tile of outputs with 36 or 64
/// products for each pair of channels. With 36 a kernel of 3x3 gives 4x4 outputs, for which the definition has 144 products, one of 5x5 gives 2x2 for 100.
/// </summary>
/// <remarks>
/// Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks" (arXiv 1509.09308), section 4.3: polynomials are interpolated at 0,
/// 1, -1, 2, -2 and infinity, with 8x8 inputs at 1/2 and -1/2, too. B depends on these points alone, G and A on the kernel, too (<see cref="IWinogradTile"/>). Lanes are channels: a
/// transform mixes pixels, never lanes, so every width gives the same bits. Transformed values lie as one matrix [tiles, channels] for each
/// place of a tile, ready for as many matrix products.
/// </remarks>
internal static class Winograd
{
    /// <summary>Places of the largest transformed tile.</summary>
    private const int MaxPlaces = 64;

    /// <summary>Floats of working memory that a transform needs.</summary>
    public const int ScratchLength = MaxPlaces * 2 * TensorLayout.Lanes;

    /// <summary>
    /// Distance of the matrices [tiles, channels] of two places. One cache line more than they need: a transform writes to all of them at once, and at a
    /// multiple of the page size they would fall on the same few lines of the first-level cache.
    /// </summary>
    public static int PlaneStride(int tiles, int channels) => (tiles * channels) + TensorLayout.Lanes;

    /// <summary>Transforms a kernel: weights [kernel x kernel, inputs, outputs] to [places, inputs, outputs].</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void TransformWeights<TVec, TTile>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed, Span<float> scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int kernel = TTile.Form.Kernel;
        int side = TTile.Form.InputTile;
        Debug.Assert(weights.Length == kernel * kernel * inputs * outputs && transformed.Length == TTile.Form.Places * inputs * outputs && outputs % TVec.Count == 0);
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

    /// <summary>Transforms the inputs of one tile: all channels to place (y, x) at (side * y + x) * <paramref name="planeStride"/>.</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void TransformInput<TVec, TTile>(ref float input, int rowStride, int channels, ref float transformed, int planeStride, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int side = TTile.Form.InputTile;
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

    /// <summary>Transforms the products of one tile, for one vector of channels, into the tile's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TransformOutput<TVec, TTile>(ref float products, int planeStride, ref float outputs, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTile
    {
        int side = TTile.Form.InputTile;
        for (int x = 0; x < side; x++)
        {
            TTile.OutputColumn<TVec>(
                ref Unsafe.Add(ref products, x * planeStride), side * planeStride, ref Unsafe.Add(ref scratch, x * TVec.Count), side * TVec.Count);
        }

        int outputSide = TTile.Form.OutputTile;
        for (int y = 0; y < outputSide; y++)
        {
            TTile.OutputColumn<TVec>(
                ref Unsafe.Add(ref scratch, y * side * TVec.Count), TVec.Count, ref Unsafe.Add(ref outputs, y * outputSide * TVec.Count), TVec.Count);
        }
    }

    /// <summary>Largest value of a 2x2 window of a tile, channel by channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Largest<TVec>(ref float window, int tileRow)
        where TVec : struct, IVector<TVec>
    {
        var first = TVec.Max(TVec.Load(ref window, 0), TVec.Load(ref window, (nuint)TVec.Count));
        var second = TVec.Max(TVec.Load(ref window, (nuint)tileRow), TVec.Load(ref window, (nuint)(tileRow + TVec.Count)));
        return TVec.Max(first, second);
    }

    /// <summary>Value <paramref name="index"/> of a column or row that lies <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec At<TVec>(ref float source, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Load(ref source, (nuint)(index * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TVec>(TVec value, ref float destination, int index, int stride)
        where TVec : struct, IVector<TVec> => TVec.Store(value, ref destination, (nuint)(index * stride));
}
