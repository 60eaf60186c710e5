using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>Where the taps of one output position lie in the input, relative to its first tap.</summary>
/// <param name="Rows">Kernel rows.</param>
/// <param name="RowLength">Values in one kernel row: kernel columns x input channels, contiguous because channels are innermost.</param>
/// <param name="RowStride">Distance of two kernel rows in the input, in values.</param>
internal readonly record struct TapWindow(int Rows, int RowLength, int RowStride)
{
    /// <summary>Number of taps: rows of the weight matrix.</summary>
    public int Length => Rows * RowLength;
}

/// <summary>
/// output[p, c] = bias[c] + sum over taps t of input[p + t] * weights[t, c], optionally max(., 0): a convolution where the positions are
/// pixels, a dense layer where they are images.
/// </summary>
/// <remarks>
/// Lanes are output channels c. One step keeps six positions x two vectors of channels in registers, multiplies each weight vector with
/// six input values and so loads eight vectors for twelve multiply-adds. Each sum starts at the bias and takes the taps in their
/// order, whatever the tile: the same bits at every width, position and batch size.
/// </remarks>
internal static class ConvolutionKernel
{
    /// <summary>Output positions that one step computes.</summary>
    private const int PositionsAtOnce = 6;

    /// <param name="input">Activations with their zero border.</param>
    /// <param name="inputOffsets">For each output position the index of its first tap in <paramref name="input"/>.</param>
    /// <param name="window">The taps.</param>
    /// <param name="weights">[taps, channels], channels a multiple of the vector's lanes.</param>
    /// <param name="bias">[channels].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="output">Receives channels values for each position.</param>
    /// <param name="outputOffsets">For each output position the index of its first channel in <paramref name="output"/>.</param>
    public static void Forward<TVec>(
        ReadOnlySpan<float> input,
        ReadOnlySpan<int> inputOffsets,
        TapWindow window,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        bool relu,
        Span<float> output,
        ReadOnlySpan<int> outputOffsets)
        where TVec : struct, IVector<TVec>
    {
        int channels = bias.Length;
        Debug.Assert(channels % TVec.Count == 0 && weights.Length == window.Length * channels);
        Debug.Assert(inputOffsets.Length == outputOffsets.Length);

        // A lower bound of -infinity makes the maximum at the store the identity: no second kernel without ReLU.
        float floor = relu ? 0f : float.NegativeInfinity;

        // One or two positions left over are cheaper one by one than as a step of which most is thrown away.
        int leftOver = inputOffsets.Length % PositionsAtOnce;
        int tiled = leftOver > 2 ? inputOffsets.Length : inputOffsets.Length - leftOver;
        if (tiled > 0)
        {
            Tiles<TVec>(input, inputOffsets[..tiled], window, weights, bias, floor, output, outputOffsets);
        }

        for (int position = tiled; position < inputOffsets.Length; position++)
        {
            Position<TVec>(
                in input[inputOffsets[position]], window, in MemoryMarshal.GetReference(weights), in MemoryMarshal.GetReference(bias), (nuint)channels, floor,
                ref output[outputOffsets[position]]);
        }
    }

    private static void Tiles<TVec>(
        ReadOnlySpan<float> input,
        ReadOnlySpan<int> inputOffsets,
        TapWindow window,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        float floor,
        Span<float> output,
        ReadOnlySpan<int> outputOffsets)
        where TVec : struct, IVector<TVec>
    {
        int pairs = bias.Length - (bias.Length % (2 * TVec.Count));
        for (int channel = 0; channel < pairs; channel += 2 * TVec.Count)
        {
            Panel<VecPair<TVec>>(input, inputOffsets, window, weights, bias, channel, floor, output, outputOffsets);
        }

        if (pairs < bias.Length)
        {
            Panel<TVec>(input, inputOffsets, window, weights, bias, pairs, floor, output, outputOffsets);
        }
    }

    /// <summary>One position, two vectors of channels at a time; pairs of pairs would hide more latency, but the compiler keeps those in memory.</summary>
    private static void Position<TVec>(
        ref readonly float input, TapWindow window, ref readonly float weights, ref readonly float bias, nuint channels, float floor, ref float output)
        where TVec : struct, IVector<TVec>
    {
        nuint channel = 0;
        for (; channel + (nuint)(2 * TVec.Count) <= channels; channel += (nuint)(2 * TVec.Count))
        {
            Sum<VecPair<TVec>>(in input, window, in weights, in bias, channels, channel, floor, ref output);
        }

        for (; channel < channels; channel += (nuint)TVec.Count)
        {
            Sum<TVec>(in input, window, in weights, in bias, channels, channel, floor, ref output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TVec>(
        ref readonly float input, TapWindow window, ref readonly float weights, ref readonly float bias, nuint channels, nuint channel, float floor, ref float output)
        where TVec : struct, IVector<TVec>
    {
        var sum = TVec.Load(in bias, channel);
        nuint weight = channel;
        nuint rowStart = 0;
        for (int row = 0; row < window.Rows; row++)
        {
            nuint rowEnd = rowStart + (nuint)window.RowLength;
            for (nuint tap = rowStart; tap < rowEnd; tap++)
            {
                sum = TVec.MultiplyAdd(Broadcast<TVec>(in input, tap), TVec.Load(in weights, weight), sum);
                weight += channels;
            }

            rowStart += (nuint)window.RowStride;
        }

        TVec.Store(TVec.Max(sum, TVec.Create(floor)), ref output, channel);
    }

    private static void Panel<TVec>(
        ReadOnlySpan<float> input,
        ReadOnlySpan<int> inputOffsets,
        TapWindow window,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> bias,
        int channel,
        float floor,
        Span<float> output,
        ReadOnlySpan<int> outputOffsets)
        where TVec : struct, IVector<TVec>
    {
        int last = inputOffsets.Length - 1;
        for (int position = 0; position <= last; position += PositionsAtOnce)
        {
            // Past the end a tile repeats the last position: it computes and stores the same values again.
            int p1 = Math.Min(position + 1, last);
            int p2 = Math.Min(position + 2, last);
            int p3 = Math.Min(position + 3, last);
            int p4 = Math.Min(position + 4, last);
            int p5 = Math.Min(position + 5, last);
            Tile<TVec>(
                in MemoryMarshal.GetReference(input),
                (nuint)inputOffsets[position], (nuint)inputOffsets[p1], (nuint)inputOffsets[p2],
                (nuint)inputOffsets[p3], (nuint)inputOffsets[p4], (nuint)inputOffsets[p5],
                window,
                in weights[channel],
                (nuint)bias.Length,
                TVec.Load(in bias[channel], 0),
                floor,
                ref output[channel],
                (nuint)outputOffsets[position], (nuint)outputOffsets[p1], (nuint)outputOffsets[p2],
                (nuint)outputOffsets[p3], (nuint)outputOffsets[p4], (nuint)outputOffsets[p5]);
        }
    }

    // Optimised at its first call: the tiers before would run a hundred times slower, and under load for long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<TVec>(
        ref readonly float input, nuint i0, nuint i1, nuint i2, nuint i3, nuint i4, nuint i5,
        TapWindow window,
        ref readonly float weights,
        nuint weightStride,
        TVec bias,
        float floor,
        ref float output, nuint o0, nuint o1, nuint o2, nuint o3, nuint o4, nuint o5)
        where TVec : struct, IVector<TVec>
    {
        TVec sum0 = bias, sum1 = bias, sum2 = bias, sum3 = bias, sum4 = bias, sum5 = bias;
        nuint weight = 0;
        nuint rowStart = 0;
        for (int row = 0; row < window.Rows; row++)
        {
            nuint rowEnd = rowStart + (nuint)window.RowLength;
            for (nuint tap = rowStart; tap < rowEnd; tap++)
            {
                var w = TVec.Load(in weights, weight);
                sum0 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i0 + tap), w, sum0);
                sum1 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i1 + tap), w, sum1);
                sum2 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i2 + tap), w, sum2);
                sum3 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i3 + tap), w, sum3);
                sum4 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i4 + tap), w, sum4);
                sum5 = TVec.MultiplyAdd(Broadcast<TVec>(in input, i5 + tap), w, sum5);
                weight += weightStride;
            }

            rowStart += (nuint)window.RowStride;
        }

        var lowest = TVec.Create(floor);
        TVec.Store(TVec.Max(sum0, lowest), ref output, o0);
        TVec.Store(TVec.Max(sum1, lowest), ref output, o1);
        TVec.Store(TVec.Max(sum2, lowest), ref output, o2);
        TVec.Store(TVec.Max(sum3, lowest), ref output, o3);
        TVec.Store(TVec.Max(sum4, lowest), ref output, o4);
        TVec.Store(TVec.Max(sum5, lowest), ref output, o5);
    }

    /// <summary>One value of the source in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Broadcast<TVec>(ref readonly float source, nuint offset)
        where TVec : struct, IVector<TVec> =>
        TVec.Create(Unsafe.Add(ref Unsafe.AsRef(in source), offset));
}
