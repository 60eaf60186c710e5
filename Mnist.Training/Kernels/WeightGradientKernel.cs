using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Kernels;

/// <summary>
/// gradient[t, c] += sum over positions p of input[p + t] * outputGradient[p, c]: the gradient of the weights of the
/// <see cref="ConvolutionKernel"/>, with the same positions and taps.
/// </summary>
/// <remarks>Lanes are output channels c. A tile of six taps x one to three vectors of channels stays in registers while the loop runs over all positions.</remarks>
internal static class WeightGradientKernel
{
    private const int TapsAtOnce = 6;

    /// <summary>Adds the gradient of the weights.</summary>
    /// <param name="input">Activations with their zero border.</param>
    /// <param name="inputOffsets">For each output position, the index of its first tap in <paramref name="input"/>.</param>
    /// <param name="window">The taps.</param>
    /// <param name="outputGradient">Gradient of the loss by the layer's output.</param>
    /// <param name="gradientOffsets">For each output position, the index of its first channel in <paramref name="outputGradient"/>.</param>
    /// <param name="channels">Output channels, a multiple of the vector's lanes.</param>
    /// <param name="gradient">[taps, channels], added to.</param>
    public static void Accumulate<TVec>(
        ReadOnlySpan<float> input,
        ReadOnlySpan<int> inputOffsets,
        TapWindow window,
        ReadOnlySpan<float> outputGradient,
        ReadOnlySpan<int> gradientOffsets,
        int channels,
        Span<float> gradient)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(channels % TVec.Count == 0 && gradient.Length == window.Length * channels);
        Debug.Assert(inputOffsets.Length == gradientOffsets.Length);
        for (int row = 0; row < window.Rows; row++)
        {
            var rowInput = input[(row * window.RowStride)..];
            var rowGradient = gradient.Slice(row * window.RowLength * channels, window.RowLength * channels);
            int channel = 0;
            for (; VecTriple<TVec>.Fits(channels - channel); channel += VecTriple<TVec>.Count)
            {
                Panel<VecTriple<TVec>>(rowInput, inputOffsets, window.RowLength, outputGradient, gradientOffsets, channel, channels, rowGradient);
            }

            for (; channel + VecPair<TVec>.Count <= channels; channel += VecPair<TVec>.Count)
            {
                Panel<VecPair<TVec>>(rowInput, inputOffsets, window.RowLength, outputGradient, gradientOffsets, channel, channels, rowGradient);
            }

            if (channel < channels)
            {
                Panel<TVec>(rowInput, inputOffsets, window.RowLength, outputGradient, gradientOffsets, channel, channels, rowGradient);
            }
        }
    }

    private static void Panel<TVec>(
        ReadOnlySpan<float> input,
        ReadOnlySpan<int> inputOffsets,
        int taps,
        ReadOnlySpan<float> outputGradient,
        ReadOnlySpan<int> gradientOffsets,
        int channel,
        int channels,
        Span<float> gradient)
        where TVec : struct, IVector<TVec>
    {
        int last = taps - 1;
        for (int tap = 0; tap <= last; tap += TapsAtOnce)
        {
            // Past the end, a tile repeats the last tap: it computes and stores the same sum again.
            Tile<TVec>(
                in MemoryMarshal.GetReference(input),
                inputOffsets,
                in outputGradient[channel],
                gradientOffsets,
                ref gradient[channel],
                (nuint)channels,
                (nuint)tap, (nuint)Math.Min(tap + 1, last), (nuint)Math.Min(tap + 2, last),
                (nuint)Math.Min(tap + 3, last), (nuint)Math.Min(tap + 4, last), (nuint)Math.Min(tap + 5, last));
        }
    }

    [MethodImpl(CompileAs.Kernel)]
    private static void Tile<TVec>(
        ref readonly float input,
        ReadOnlySpan<int> inputOffsets,
        ref readonly float outputGradient,
        ReadOnlySpan<int> gradientOffsets,
        ref float gradient,
        nuint stride,
        nuint t0, nuint t1, nuint t2, nuint t3, nuint t4, nuint t5)
        where TVec : struct, IVector<TVec>
    {
        var sum0 = TVec.Load(in gradient, t0 * stride);
        var sum1 = TVec.Load(in gradient, t1 * stride);
        var sum2 = TVec.Load(in gradient, t2 * stride);
        var sum3 = TVec.Load(in gradient, t3 * stride);
        var sum4 = TVec.Load(in gradient, t4 * stride);
        var sum5 = TVec.Load(in gradient, t5 * stride);
        for (int position = 0; position < inputOffsets.Length; position++)
        {
            nuint source = (nuint)inputOffsets[position];
            var delta = TVec.Load(in outputGradient, (nuint)gradientOffsets[position]);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t0), delta, ref sum0);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t1), delta, ref sum1);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t2), delta, ref sum2);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t3), delta, ref sum3);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t4), delta, ref sum4);
            TVec.Accumulate(ConvolutionKernel.Broadcast<TVec>(in input, source + t5), delta, ref sum5);
        }

        TVec.Store(sum0, ref gradient, t0 * stride);
        TVec.Store(sum1, ref gradient, t1 * stride);
        TVec.Store(sum2, ref gradient, t2 * stride);
        TVec.Store(sum3, ref gradient, t3 * stride);
        TVec.Store(sum4, ref gradient, t4 * stride);
        TVec.Store(sum5, ref gradient, t5 * stride);
    }
}
