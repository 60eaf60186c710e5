using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>output[x, c] = sum over t of input[x + t] * weights[t, c]: a 1-D convolution of a row with five taps, for many output channels.</summary>
/// <remarks>
/// Lanes are output channels. The weights of all taps stay in registers, and one step computes six pixels from ten broadcast input values: thirty
/// multiply-adds load ten values and no weights.
/// </remarks>
internal static class RowKernel
{
    /// <summary>Number of taps.</summary>
    public const int Taps = 5;

    /// <summary>Pixels of one step, and the fewest of a row.</summary>
    public const int PixelsAtOnce = 6;

    /// <param name="input">[pixels + taps - 1].</param>
    /// <param name="weights">[taps, channels].</param>
    /// <param name="output">Receives [pixels, channels].</param>
    /// <param name="pixels">At least <see cref="PixelsAtOnce"/>.</param>
    /// <param name="channels">Output channels, a multiple of the vector's lanes.</param>
    public static void Convolve<TVec>(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, Span<float> output, int pixels, int channels)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(pixels >= PixelsAtOnce && input.Length >= pixels + Taps - 1);
        Debug.Assert(weights.Length == Taps * channels && output.Length >= pixels * channels && channels % TVec.Count == 0);
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            Panel<TVec>(
                ref Unsafe.AsRef(in MemoryMarshal.GetReference(input)), ref Unsafe.AsRef(in weights[channel]), ref output[channel], pixels, (nuint)channels);
        }
    }

    [MethodImpl(CompileAs.Kernel)]
    private static void Panel<TVec>(ref float input, ref float weights, ref float output, int pixels, nuint channels)
        where TVec : struct, IVector<TVec>
    {
        var w0 = TVec.Load(ref weights, 0);
        var w1 = TVec.Load(ref weights, channels);
        var w2 = TVec.Load(ref weights, 2 * channels);
        var w3 = TVec.Load(ref weights, 3 * channels);
        var w4 = TVec.Load(ref weights, 4 * channels);
        var zero = TVec.Create(0);
        for (int step = 0; step < pixels; step += PixelsAtOnce)
        {
            // The last step is moved back to end with the row; the pixels that it computes again get the same values.
            nuint x = (nuint)Math.Min(step, pixels - PixelsAtOnce);
            var value = ConvolutionKernel.Broadcast<TVec>(in input, x);
            var sum0 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 1);
            TVec.Accumulate(value, w1, ref sum0);
            var sum1 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 2);
            TVec.Accumulate(value, w2, ref sum0);
            TVec.Accumulate(value, w1, ref sum1);
            var sum2 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 3);
            TVec.Accumulate(value, w3, ref sum0);
            TVec.Accumulate(value, w2, ref sum1);
            TVec.Accumulate(value, w1, ref sum2);
            var sum3 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 4);
            TVec.Accumulate(value, w4, ref sum0);
            TVec.Accumulate(value, w3, ref sum1);
            TVec.Accumulate(value, w2, ref sum2);
            TVec.Accumulate(value, w1, ref sum3);
            var sum4 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 5);
            TVec.Accumulate(value, w4, ref sum1);
            TVec.Accumulate(value, w3, ref sum2);
            TVec.Accumulate(value, w2, ref sum3);
            TVec.Accumulate(value, w1, ref sum4);
            var sum5 = TVec.MultiplyAdd(value, w0, zero);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 6);
            TVec.Accumulate(value, w4, ref sum2);
            TVec.Accumulate(value, w3, ref sum3);
            TVec.Accumulate(value, w2, ref sum4);
            TVec.Accumulate(value, w1, ref sum5);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 7);
            TVec.Accumulate(value, w4, ref sum3);
            TVec.Accumulate(value, w3, ref sum4);
            TVec.Accumulate(value, w2, ref sum5);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 8);
            TVec.Accumulate(value, w4, ref sum4);
            TVec.Accumulate(value, w3, ref sum5);
            value = ConvolutionKernel.Broadcast<TVec>(in input, x + 9);
            TVec.Accumulate(value, w4, ref sum5);

            ref float destination = ref Unsafe.Add(ref output, x * channels);
            TVec.Store(sum0, ref destination, 0);
            TVec.Store(sum1, ref destination, channels);
            TVec.Store(sum2, ref destination, 2 * channels);
            TVec.Store(sum3, ref destination, 3 * channels);
            TVec.Store(sum4, ref destination, 4 * channels);
            TVec.Store(sum5, ref destination, 5 * channels);
        }
    }
}
