using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Kernels;

/// <summary>
/// Both gradients of a <see cref="WinogradConvolution{TVec, TTile}"/> in one pass over its tiles, by the <see cref="WinogradAdjoint"/>: 36 matrix
/// products for each gradient, a quarter of what the definition multiplies. That of the weights stays transformed, so that many runs can add to it.
/// </summary>
internal sealed class WinogradGradient<TVec, TTile, TAdjoint>
    where TVec : struct, IVector<TVec>
    where TTile : struct, IWinogradTile
    where TAdjoint : struct, IWinogradTileAdjoint
{
    /// <summary>Tiles whose transformed values stay in a core's second-level cache beside the weights and their gradient.</summary>
    private const int MaxTiles = 8 * Rows.AtOnce;

    private readonly TensorLayout _input;
    private readonly TensorLayout _output;
    private readonly WinogradTiles _tiles;
    private readonly int _shift;
    private readonly int _inputPlane;
    private readonly int _outputPlane;
    private readonly int _weightGradientPlane;
    private readonly int[] _inputOffsets;
    private readonly int[] _outputOffsets;

    /// <param name="input">Layout of the input and of its gradient, with the border that the tiles read.</param>
    /// <param name="output">Layout of the output's gradient; where tiles reach beyond the output it has zeros.</param>
    /// <param name="halo">Zeros on each side that the convolution wants.</param>
    public WinogradGradient(TensorLayout input, TensorLayout output, int halo)
    {
        _input = input;
        _output = output;
        _tiles = WinogradTiles.Of(TTile.Variant, output.Height, output.Width);
        _shift = -halo;
        _inputPlane = Winograd.PlaneStride(MaxTiles, input.ChannelStride);
        _outputPlane = Winograd.PlaneStride(MaxTiles, output.ChannelStride);
        _weightGradientPlane = Winograd.PlaneStride(input.ChannelStride, output.ChannelStride);
        _inputOffsets = [.. Enumerable.Range(0, MaxTiles).Select(tile => tile * input.ChannelStride)];
        _outputOffsets = [.. Enumerable.Range(0, MaxTiles).Select(tile => tile * output.ChannelStride)];
    }

    /// <summary>Floats of working memory that <see cref="Run"/> needs.</summary>
    public int ScratchLength => Winograd.ScratchLength + (TTile.Variant.TileElements * (_inputPlane + _outputPlane));

    /// <summary>Floats of the transformed gradient of the weights.</summary>
    public int TransformedLength => TTile.Variant.TileElements * _weightGradientPlane;

    /// <param name="input">[images] in the input layout: what the forward pass read.</param>
    /// <param name="outputGradient">[images] in the output layout.</param>
    /// <param name="transposedWeights">Transformed: [36, outputs, inputs].</param>
    /// <param name="weightGradient">Transformed, as <see cref="TransformWeights"/> expects it: of <see cref="TransformedLength"/>, added to.</param>
    /// <param name="inputGradient">[images] in the input layout, overwritten; its border gets values that mean nothing. Empty if not wanted.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">Of <see cref="ScratchLength"/>, its content does not matter.</param>
    public void Run(
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> outputGradient,
        ReadOnlySpan<float> transposedWeights,
        Span<float> weightGradient,
        Span<float> inputGradient,
        int images,
        Span<float> scratch)
    {
        int total = images * _tiles.PerImage;
        var inputs = scratch.Slice(Winograd.ScratchLength, TTile.Variant.TileElements * _inputPlane);
        var outputs = scratch.Slice(Winograd.ScratchLength + inputs.Length, TTile.Variant.TileElements * _outputPlane);
        for (int start = 0; start < total; start += MaxTiles)
        {
            int tiles = Math.Min(MaxTiles, total - start);
            Transform(input, outputGradient, start, tiles, inputs, outputs, scratch);
            Multiply(inputs, outputs, transposedWeights, weightGradient, tiles, !inputGradient.IsEmpty);
            if (!inputGradient.IsEmpty)
            {
                AddToInput(inputs, start, tiles, inputGradient, scratch);
            }
        }
    }

    /// <summary>Adds the sum of the runs' weight gradients to those of the kernel.</summary>
    /// <param name="transformed">Of <see cref="TransformedLength"/>.</param>
    /// <param name="weightGradient">[kernel x kernel, inputs, outputs].</param>
    /// <param name="scratch">Of <see cref="ScratchLength"/>, its content does not matter.</param>
    public void TransformWeights(ReadOnlySpan<float> transformed, Span<float> weightGradient, Span<float> scratch) =>
        WinogradAdjoint.OfWeights<TVec, TAdjoint>(transformed, _weightGradientPlane, weightGradient, scratch);

    private void Transform(
        ReadOnlySpan<float> input, ReadOnlySpan<float> outputGradient, int start, int tiles, Span<float> inputs, Span<float> outputs, Span<float> scratch)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            var (image, y, x) = _tiles.Locate(start + tile);
            Winograd.TransformInput<TVec, TTile>(
                ref Unsafe.AsRef(in input[(image * _input.ImageStride) + _input.Offset(y + _shift, x + _shift)]), _input.RowStride, _input.ChannelStride,
                ref inputs[tile * _input.ChannelStride], _inputPlane, ref MemoryMarshal.GetReference(scratch));
            WinogradAdjoint.OfOutput<TVec, TAdjoint>(
                ref Unsafe.AsRef(in outputGradient[(image * _output.ImageStride) + _output.Offset(y, x)]), _output.RowStride, _output.ChannelStride,
                ref outputs[tile * _output.ChannelStride], _outputPlane, ref MemoryMarshal.GetReference(scratch));
        }
    }

    /// <summary>The gradients of the transformed weights, added up; those of the transformed inputs take the place of the inputs.</summary>
    private void Multiply(
        Span<float> inputs, ReadOnlySpan<float> outputs, ReadOnlySpan<float> transposedWeights, Span<float> weights, int tiles, bool wantsInputGradient)
    {
        int weightPlane = _input.ChannelStride * _output.ChannelStride;
        var inputWindow = new TapWindow(1, _input.ChannelStride, 0);
        for (int place = 0; place < TTile.Variant.TileElements; place++)
        {
            var input = inputs.Slice(place * _inputPlane, _inputPlane);
            var output = outputs.Slice(place * _outputPlane, _outputPlane);
            WeightGradientKernel.Accumulate<TVec>(
                input, _inputOffsets.AsSpan(0, tiles), inputWindow, output, _outputOffsets.AsSpan(0, tiles), _output.ChannelStride,
                weights.Slice(place * _weightGradientPlane, weightPlane));
            if (wantsInputGradient)
            {
                MatrixKernel.Multiply<TVec>(
                    output, tiles, _output.ChannelStride, transposedWeights.Slice(place * weightPlane, weightPlane), _input.ChannelStride, input);
            }
        }
    }

    /// <summary>Neighbouring tiles share inputs, so each adds its part; tile by tile in their order, the same bits for any thread.</summary>
    private void AddToInput(Span<float> products, int start, int tiles, Span<float> inputGradient, Span<float> scratch)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            var (image, y, x) = _tiles.Locate(start + tile);
            var gradient = inputGradient.Slice(image * _input.ImageStride, _input.ImageStride);
            if ((start + tile) % _tiles.PerImage == 0)
            {
                gradient.Clear();
            }

            WinogradAdjoint.OfInput<TVec>(
                ref products[tile * _input.ChannelStride], _inputPlane, _input.ChannelStride,
                ref gradient[_input.Offset(y + _shift, x + _shift)], _input.RowStride, ref MemoryMarshal.GetReference(scratch));
        }
    }
}
