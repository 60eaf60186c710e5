using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Kernels;

/// <summary>
/// Gradients of input and weights of a <see cref="WinogradConvolution{TVec, TTile}"/> in one pass over its tiles, by the <see cref="WinogradAdjoint"/>:
/// 36 matrix products for each gradient, a quarter of the multiplications of direct convolution. The gradient of the weights stays transformed, so that
/// many runs can add to it.
/// </summary>
internal sealed class WinogradGradient<TVec, TTile, TAdjoint>
    where TVec : struct, IVector<TVec>
    where TTile : struct, IWinogradTile
    where TAdjoint : struct, IWinogradTileAdjoint
{
    /// <summary>Number of tiles whose transformed values fit into a core's second-level cache, together with the weights and their gradient.</summary>
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
    /// <param name="output">Layout of the output's gradient, with a zero border where tiles reach beyond the output.</param>
    /// <param name="halo">Zero padding of the convolution on each side.</param>
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

    /// <summary>Computes the gradient of the input and adds to that of the weights.</summary>
    /// <param name="input">[images] in the input layout: the input of the forward pass.</param>
    /// <param name="outputGradient">[images] in the output layout.</param>
    /// <param name="transposedWeights">Transformed weights [36, outputs, inputs].</param>
    /// <param name="weightGradient">Transformed, of <see cref="TransformedLength"/>, for <see cref="TransformWeights"/>; added to.</param>
    /// <param name="inputGradient">[images] in the input layout, overwritten; its border is undefined afterwards. Empty if not needed.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">Working memory of <see cref="ScratchLength"/>.</param>
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

    /// <summary>Transforms the accumulated gradient of the weights back and adds it to <paramref name="weightGradient"/>.</summary>
    /// <param name="transformed">Of <see cref="TransformedLength"/>.</param>
    /// <param name="weightGradient">[kernel x kernel, inputs, outputs].</param>
    /// <param name="scratch">Working memory of <see cref="ScratchLength"/>.</param>
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

    /// <summary>Adds to the gradient of the transformed weights, and overwrites the transformed inputs with their gradient.</summary>
    private void Multiply(
        Span<float> inputs, ReadOnlySpan<float> outputs, ReadOnlySpan<float> transposedWeights, Span<float> weights, int tiles, bool wantsInputGradient)
    {
        int weightPlane = _input.ChannelStride * _output.ChannelStride;
        var inputWindow = new TapWindow(1, _input.ChannelStride, 0);
        for (int element = 0; element < TTile.Variant.TileElements; element++)
        {
            var input = inputs.Slice(element * _inputPlane, _inputPlane);
            var output = outputs.Slice(element * _outputPlane, _outputPlane);
            WeightGradientKernel.Accumulate<TVec>(
                input, _inputOffsets.AsSpan(0, tiles), inputWindow, output, _outputOffsets.AsSpan(0, tiles), _output.ChannelStride,
                weights.Slice(element * _weightGradientPlane, weightPlane));
            if (wantsInputGradient)
            {
                MatrixKernel.Multiply<TVec>(
                    output, tiles, _output.ChannelStride, transposedWeights.Slice(element * weightPlane, weightPlane), _input.ChannelStride, input);
            }
        }
    }

    /// <summary>Adds the gradients of the tiles, which overlap in the input. The fixed order of tiles gives the same bits on any thread.</summary>
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
