using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>The taps of one output position, relative to its first tap in the input.</summary>
/// <param name="Rows">Kernel rows.</param>
/// <param name="RowLength">Values in one kernel row: kernel columns x input channels, contiguous because channels are innermost.</param>
/// <param name="RowStride">Distance between two kernel rows in the input, in values.</param>
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
/// Lanes are output channels c. One step keeps up to six positions x two vectors of channels in registers, multiplies each weight vector with
/// six input values and so loads eight vectors for twelve multiply-adds. Each sum starts at the bias and adds the taps in
/// order, whatever the step: the same bits at every width, position and batch size.
/// </remarks>
internal static class ConvolutionKernel
{
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

        int pairs = channels - (channels % VecPair<TVec>.Count);
        for (int channel = 0; channel < pairs; channel += VecPair<TVec>.Count)
        {
            Panel<VecPair<TVec>>(input, inputOffsets, window, weights, bias, channel, floor, output, outputOffsets);
        }

        if (pairs < channels)
        {
            Panel<TVec>(input, inputOffsets, window, weights, bias, pairs, floor, output, outputOffsets);
        }
    }

    /// <summary>All positions of one or two vectors of channels: the first step reads their weights from memory, the following ones from the cache.</summary>
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
        var (largerSteps, larger, smallerSteps, smaller) = Rows.Divide(inputOffsets.Length, Rows.AtOnce);
        int position = 0;
        for (int step = 0; step < largerSteps + smallerSteps; step++)
        {
            int positions = step < largerSteps ? larger : smaller;
            ref readonly float firstWeight = ref weights[channel];
            ref float firstOutput = ref output[channel];
            var from = inputOffsets.Slice(position, positions);
            var to = outputOffsets.Slice(position, positions);
            var start = TVec.Load(in bias[channel], 0);
            switch (positions)
            {
                case 6:
                    Step<TVec, SixRows>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
                case 5:
                    Step<TVec, FiveRows>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
                case 4:
                    Step<TVec, FourRows>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
                case 3:
                    Step<TVec, ThreeRows>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
                case 2:
                    Step<TVec, TwoRows>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
                default:
                    Step<TVec, OneRow>(in MemoryMarshal.GetReference(input), from, window, in firstWeight, (nuint)bias.Length, start, floor, ref firstOutput, to);
                    break;
            }

            position += positions;
        }
    }

    // TRows.Count is a JIT constant: the conditions vanish. Offsets of missing positions alias the last one and are never dereferenced.
    [MethodImpl(CompileAs.Kernel)]
    private static void Step<TVec, TRows>(
        ref readonly float input,
        ReadOnlySpan<int> inputOffsets,
        TapWindow window,
        ref readonly float weights,
        nuint weightStride,
        TVec bias,
        float floor,
        ref float output,
        ReadOnlySpan<int> outputOffsets)
        where TVec : struct, IVector<TVec>
        where TRows : struct, IRows
    {
        nuint i0 = (nuint)inputOffsets[0];
        nuint i1 = (nuint)inputOffsets[Math.Min(1, TRows.Count - 1)];
        nuint i2 = (nuint)inputOffsets[Math.Min(2, TRows.Count - 1)];
        nuint i3 = (nuint)inputOffsets[Math.Min(3, TRows.Count - 1)];
        nuint i4 = (nuint)inputOffsets[Math.Min(4, TRows.Count - 1)];
        nuint i5 = (nuint)inputOffsets[Math.Min(5, TRows.Count - 1)];
        TVec sum0 = bias, sum1 = bias, sum2 = bias, sum3 = bias, sum4 = bias, sum5 = bias;
        nuint weight = 0;
        nuint rowStart = 0;
        for (int row = 0; row < window.Rows; row++)
        {
            nuint rowEnd = rowStart + (nuint)window.RowLength;
            for (nuint tap = rowStart; tap < rowEnd; tap++)
            {
                var w = TVec.Load(in weights, weight);
                TVec.Accumulate(Broadcast<TVec>(in input, i0 + tap), w, ref sum0);
                if (TRows.Count > 1)
                {
                    TVec.Accumulate(Broadcast<TVec>(in input, i1 + tap), w, ref sum1);
                }

                if (TRows.Count > 2)
                {
                    TVec.Accumulate(Broadcast<TVec>(in input, i2 + tap), w, ref sum2);
                }

                if (TRows.Count > 3)
                {
                    TVec.Accumulate(Broadcast<TVec>(in input, i3 + tap), w, ref sum3);
                }

                if (TRows.Count > 4)
                {
                    TVec.Accumulate(Broadcast<TVec>(in input, i4 + tap), w, ref sum4);
                }

                if (TRows.Count > 5)
                {
                    TVec.Accumulate(Broadcast<TVec>(in input, i5 + tap), w, ref sum5);
                }

                weight += weightStride;
            }

            rowStart += (nuint)window.RowStride;
        }

        var lowest = TVec.Create(floor);
        TVec.Store(TVec.Max(sum0, lowest), ref output, (nuint)outputOffsets[0]);
        if (TRows.Count > 1)
        {
            TVec.Store(TVec.Max(sum1, lowest), ref output, (nuint)outputOffsets[1]);
        }

        if (TRows.Count > 2)
        {
            TVec.Store(TVec.Max(sum2, lowest), ref output, (nuint)outputOffsets[2]);
        }

        if (TRows.Count > 3)
        {
            TVec.Store(TVec.Max(sum3, lowest), ref output, (nuint)outputOffsets[3]);
        }

        if (TRows.Count > 4)
        {
            TVec.Store(TVec.Max(sum4, lowest), ref output, (nuint)outputOffsets[4]);
        }

        if (TRows.Count > 5)
        {
            TVec.Store(TVec.Max(sum5, lowest), ref output, (nuint)outputOffsets[5]);
        }
    }

    /// <summary>Copies one value of the source to every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Broadcast<TVec>(ref readonly float source, nuint offset)
        where TVec : struct, IVector<TVec> =>
        TVec.Create(Unsafe.Add(ref Unsafe.AsRef(in source), offset));
}
