using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Kernels;

/// <summary>
/// The adjoints of the three transforms of <see cref="Winograd"/>. With Y = A' [(G g G') * (B' d B)] A, a gradient dY gives the gradient of the
/// products dM = A dY A', and through M = U * V those of the kernel, G' (dM * V) G, and of the input, B (dM * U) B'.
/// </summary>
/// <remarks>Lanes are channels. Every matrix is the transpose of the one in <see cref="Winograd"/>.</remarks>
internal static class WinogradAdjoint
{
    /// <summary>A dY A': transforms the gradients of one output tile, all channels. Element (y, x) is stored at (6 y + x) * <paramref name="planeStride"/>.</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void OfOutput<TVec, TTile>(ref float gradient, int rowStride, int channels, ref float transformed, int planeStride, ref float scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTileAdjoint
    {
        int side = TTile.Variant.OutputTile;
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            for (int x = 0; x < side; x++)
            {
                TTile.OutputColumn<TVec>(
                    ref Unsafe.Add(ref gradient, (x * channels) + channel), rowStride,
                    ref Unsafe.Add(ref scratch, x * TVec.Count), side * TVec.Count);
            }

            for (int y = 0; y < SixPoints.Count; y++)
            {
                TTile.OutputColumn<TVec>(
                    ref Unsafe.Add(ref scratch, y * side * TVec.Count), TVec.Count,
                    ref Unsafe.Add(ref transformed, (y * SixPoints.Count * planeStride) + channel), planeStride);
            }
        }
    }

    /// <summary>B V B': transforms the 36 products of one tile, all channels, and adds them to the gradients of its 6x6 inputs.</summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void OfInput<TVec>(ref float products, int planeStride, int channels, ref float gradient, int rowStride, ref float scratch)
        where TVec : struct, IVector<TVec>
    {
        ref float tile = ref Unsafe.Add(ref scratch, Winograd.ScratchLength / 2);
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            for (int x = 0; x < SixPoints.Count; x++)
            {
                InputColumn<TVec>(
                    ref Unsafe.Add(ref products, (x * planeStride) + channel), SixPoints.Count * planeStride,
                    ref Unsafe.Add(ref scratch, x * TVec.Count), SixPoints.Count * TVec.Count);
            }

            for (int y = 0; y < SixPoints.Count; y++)
            {
                InputColumn<TVec>(ref Unsafe.Add(ref scratch, y * SixPoints.Count * TVec.Count), TVec.Count, ref tile, TVec.Count);
                ref float row = ref Unsafe.Add(ref gradient, (y * rowStride) + channel);
                for (int x = 0; x < SixPoints.Count; x++)
                {
                    Winograd.Put(TVec.Add(Winograd.At<TVec>(ref row, x, channels), Winograd.At<TVec>(ref tile, x, TVec.Count)), ref row, x, channels);
                }
            }
        }
    }

    /// <summary>
    /// G' U G: transforms the weight gradients, 36 matrices [inputs, outputs] that are <paramref name="planeStride"/> apart, and adds them to those of the
    /// kernel [kernel x kernel, inputs, outputs].
    /// </summary>
    [MethodImpl(CompileAs.Kernel)]
    public static void OfWeights<TVec, TTile>(ReadOnlySpan<float> transformed, int planeStride, Span<float> gradient, Span<float> scratch)
        where TVec : struct, IVector<TVec>
        where TTile : struct, IWinogradTileAdjoint
    {
        int kernel = TTile.Variant.Kernel;
        int plane = gradient.Length / (kernel * kernel);
        ref float source = ref Unsafe.AsRef(in MemoryMarshal.GetReference(transformed));
        ref float destination = ref MemoryMarshal.GetReference(gradient);
        ref float columns = ref MemoryMarshal.GetReference(scratch);
        ref float kernelRow = ref Unsafe.Add(ref columns, Winograd.ScratchLength / 2);
        for (int start = 0; start < plane; start += TVec.Count)
        {
            for (int x = 0; x < SixPoints.Count; x++)
            {
                TTile.WeightColumn<TVec>(
                    ref Unsafe.Add(ref source, (x * planeStride) + start), SixPoints.Count * planeStride,
                    ref Unsafe.Add(ref columns, x * TVec.Count), SixPoints.Count * TVec.Count);
            }

            for (int y = 0; y < kernel; y++)
            {
                TTile.WeightColumn<TVec>(ref Unsafe.Add(ref columns, y * SixPoints.Count * TVec.Count), TVec.Count, ref kernelRow, TVec.Count);
                ref float row = ref Unsafe.Add(ref destination, (y * kernel * plane) + start);
                for (int x = 0; x < kernel; x++)
                {
                    Winograd.Put(TVec.Add(Winograd.At<TVec>(ref row, x, plane), Winograd.At<TVec>(ref kernelRow, x, TVec.Count)), ref row, x, plane);
                }
            }
        }
    }

    // B v: rows (4 0 0 0 0 0), (0 -4 4 -2 2 4), (-5 -4 -4 -1 -1 0), (0 1 -1 2 -2 -5), (1 1 1 1 1 0), (0 0 0 0 0 1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>
    {
        var v0 = Winograd.At<TVec>(ref source, 0, sourceStride);
        var v1 = Winograd.At<TVec>(ref source, 1, sourceStride);
        var v2 = Winograd.At<TVec>(ref source, 2, sourceStride);
        var v3 = Winograd.At<TVec>(ref source, 3, sourceStride);
        var v4 = Winograd.At<TVec>(ref source, 4, sourceStride);
        var v5 = Winograd.At<TVec>(ref source, 5, sourceStride);
        var zero = TVec.Create(0);
        var two = TVec.Create(2);
        var four = TVec.Create(4);
        var minusFour = TVec.Create(-4);
        var minusFive = TVec.Create(-5);
        var sum12 = TVec.Add(v1, v2);
        var difference12 = TVec.Subtract(v1, v2);
        var sum34 = TVec.Add(v3, v4);
        var difference34 = TVec.Subtract(v3, v4);
        Winograd.Put(TVec.MultiplyAdd(four, v0, zero), ref destination, 0, stride);
        Winograd.Put(TVec.MultiplyAdd(minusFour, difference12, TVec.MultiplyAdd(TVec.Create(-2), difference34, TVec.MultiplyAdd(four, v5, zero))), ref destination, 1, stride);
        Winograd.Put(TVec.Subtract(TVec.MultiplyAdd(minusFive, v0, TVec.MultiplyAdd(minusFour, sum12, zero)), sum34), ref destination, 2, stride);
        Winograd.Put(TVec.MultiplyAdd(two, difference34, TVec.MultiplyAdd(minusFive, v5, difference12)), ref destination, 3, stride);
        Winograd.Put(TVec.Add(v0, TVec.Add(sum12, sum34)), ref destination, 4, stride);
        Winograd.Put(v5, ref destination, 5, stride);
    }
}
