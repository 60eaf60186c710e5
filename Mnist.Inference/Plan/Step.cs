using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>One step of a <see cref="NetworkPlan"/>: the algorithm chosen for a layer, its packed weights and its layouts.</summary>
internal abstract class Step(TensorLayout input, TensorLayout output)
{
    public TensorLayout Input { get; } = input;

    public TensorLayout Output { get; } = output;

    /// <summary>Name of the algorithm; see <see cref="PlannedStep.Algorithm"/>.</summary>
    public abstract string Algorithm { get; }

    /// <summary>Estimated cost per image; see <see cref="PlannedStep.Cost"/>.</summary>
    public virtual long Cost => 0;

    /// <summary>Number of weights and biases as the kernel reads them.</summary>
    public virtual int WeightCount => 0;

    /// <summary>Whether an image is a single row of the matrix product, so that only a whole batch gives a large product.</summary>
    public virtual bool IsDense => false;

    /// <summary>Working memory of <see cref="Run"/>, in floats.</summary>
    public virtual int ScratchLength => 0;

    /// <param name="input">[images] in the input layout.</param>
    /// <param name="output">[images] in the output layout; its borders hold zeros and keep them.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> values, with any content.</param>
    public abstract void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch);
}

/// <summary>A step with weights, in the order that its kernel reads, and a bias.</summary>
internal abstract class WeightedStep(TensorLayout input, TensorLayout output, AlignedBuffer weights, AlignedBuffer bias, bool relu) : Step(input, output)
{
    public override int WeightCount => weights.Length + bias.Length;

    protected ReadOnlySpan<float> Weights => weights.Span;

    protected ReadOnlySpan<float> Bias => bias.Span;

    protected bool Relu => relu;
}

/// <summary>Direct convolution, with bias and ReLU fused into the store.</summary>
internal sealed class ConvolutionStep<TVec>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
    : WeightedStep(input, output, weights.Matrix, weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    private readonly DirectConvolution<TVec> _convolution = new(layer.Kernel, layer.Halo, input, output);

    public override string Algorithm => "direct";

    public override long Cost => ConvolutionCost.Direct(Output.Height * Output.Width, layer.Kernel, Input.ChannelStride, Output.ChannelStride);

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, Weights, Bias, Relu, output, images);
}

/// <summary>Creates the steps of Winograd convolutions.</summary>
internal static class WinogradStep
{
    /// <summary>Creates the step of a variant.</summary>
    public static Step Create<TVec>(
        WinogradVariant variant, ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
        where TVec : struct, IVector<TVec> => variant switch
        {
            (3, 4, false) => new WinogradStep<TVec, SmallTile3x3>(layer, input, output, weights, relu, pool),
            (5, 2, false) => new WinogradStep<TVec, SmallTile5x5>(layer, input, output, weights, relu, pool),
            (3, 6, false) => new WinogradStep<TVec, LargeTile3x3>(layer, input, output, weights, relu, pool),
            (5, 4, false) => new WinogradStep<TVec, LargeTile5x5>(layer, input, output, weights, relu, pool),
            (5, 4, true) => new WinogradColumnStep<TVec>(layer, input, output, weights, relu, pool),
            _ => throw new ArgumentException($"There is no kernel for {variant}.", nameof(variant)),
        };
}

/// <summary>Winograd convolution, with bias, ReLU and 2x2 max pooling fused into the store.</summary>
internal sealed class WinogradStep<TVec, TTile>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
    : WeightedStep(input, output, Transform(weights.Matrix, input.ChannelStride, output.ChannelStride), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
    where TTile : struct, IWinogradTile
{
    private readonly WinogradConvolution<TVec, TTile> _convolution = new(input, output, layer.Halo, pool);
    private readonly AlignedBuffer _singleTileWeights =
        typeof(TTile) == typeof(SmallTile3x3) && WinogradTiles.Of(TTile.Variant, output.Height * pool, output.Width * pool).PerImage == 1
            ? PackForSingleTile(weights.Matrix, input.ChannelStride, output.ChannelStride)
            : new AlignedBuffer(0);

    public override string Algorithm => $"{TTile.Variant}";

    public override long Cost => ConvolutionCost.Winograd(
        TTile.Variant, _convolution.TilesPerImage, Input.ChannelStride, Output.ChannelStride, NetworkPlan.ImagesAtOnce(Input.Height * Input.Width));

    public override int WeightCount => base.WeightCount + _singleTileWeights.Length;

    public override int ScratchLength => _convolution.ScratchLength;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, Weights, _singleTileWeights.Span, Bias, Relu, output, images, scratch);

    private static AlignedBuffer PackForSingleTile(AlignedBuffer matrix, int inputs, int outputs)
    {
        var packed = new AlignedBuffer(SingleTileKernel.WeightLength(inputs, outputs));
        SingleTileKernel.PackWeights<TVec>(matrix.Span, inputs, outputs, packed.Span);
        return packed;
    }

    private static AlignedBuffer Transform(AlignedBuffer matrix, int inputs, int outputs)
    {
        var transformed = new AlignedBuffer(TTile.Variant.TileElements * inputs * outputs);
        Winograd.TransformWeights<TVec, TTile>(matrix.Span, inputs, outputs, transformed.Span, new AlignedBuffer(Winograd.ScratchLength).Span);
        return transformed;
    }
}

/// <summary>Winograd convolution of one channel along the columns, with bias, ReLU and 2x2 max pooling fused into the store.</summary>
internal sealed class WinogradColumnStep<TVec>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
    : WeightedStep(input, output, Transform(weights.Matrix), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    private readonly WinogradColumnConvolution<TVec> _convolution = new(input, output, layer.Halo, pool);

    private static WinogradVariant Variant => WinogradColumnConvolution<TVec>.Variant;

    public override string Algorithm => $"{Variant}";

    public override long Cost => ConvolutionCost.WinogradColumns(Variant, Variant.Tiles(Output.Height * pool), Output.Width * pool, Output.ChannelStride);

    public override int ScratchLength => _convolution.ScratchLength;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, Weights, Bias, Relu, output, images, scratch);

    private static AlignedBuffer Transform(AlignedBuffer matrix)
    {
        var transformed = new AlignedBuffer(matrix.Length / Variant.Kernel * Variant.InputTile);
        WinogradColumnConvolution<TVec>.TransformWeights(matrix.Span, transformed.Span);
        return transformed;
    }
}

/// <summary>Max pooling.</summary>
internal sealed class MaxPoolStep<TVec>(MaxPoolLayer layer, TensorLayout input, TensorLayout output) : Step(input, output)
    where TVec : struct, IVector<TVec>
{
    public override string Algorithm => "maximum";

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch)
    {
        for (int image = 0; image < images; image++)
        {
            MaxPoolKernel.Forward<TVec>(input[(image * Input.ImageStride)..], Input, layer.Size, output[(image * Output.ImageStride)..], Output);
        }
    }
}

/// <summary>Dense layer: the convolution kernel with images as positions and the whole image as the window.</summary>
/// <remarks>
/// Weights are packed as [channels / two vectors, inputs, two vectors], the order in which the kernel reads them: they are larger than a core's own caches,
/// and the hardware prefetches sequential reads.
/// </remarks>
internal sealed class DenseStep<TVec>(TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
    : WeightedStep(input, output, PackPanels(weights.Matrix, input.ImageStride, output.ImageStride), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    /// <summary>Images per pass over the weights.</summary>
    private const int ImagesAtOnce = 64;

    private readonly TapWindow _window = new(1, input.ImageStride, 0);
    private readonly int[] _inputOffsets = [.. Enumerable.Range(0, ImagesAtOnce).Select(image => image * input.ImageStride)];
    private readonly int[] _outputOffsets = [.. Enumerable.Range(0, ImagesAtOnce).Select(image => image * output.ImageStride)];

    public override string Algorithm => "product";

    public override long Cost => (long)Input.ImageStride * Output.ImageStride;

    public override bool IsDense => true;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch)
    {
        for (int start = 0; start < images; start += ImagesAtOnce)
        {
            int count = Math.Min(ImagesAtOnce, images - start);
            for (int channel = 0; channel < Output.ImageStride; channel += VecPair<TVec>.Count)
            {
                int width = Math.Min(VecPair<TVec>.Count, Output.ImageStride - channel);
                ConvolutionKernel.Forward<TVec>(
                    input[(start * Input.ImageStride)..], _inputOffsets.AsSpan(0, count), _window,
                    Weights.Slice(channel * Input.ImageStride, width * Input.ImageStride), Bias.Slice(channel, width), Relu,
                    output[((start * Output.ImageStride) + channel)..], _outputOffsets.AsSpan(0, count));
            }
        }
    }

    private static AlignedBuffer PackPanels(AlignedBuffer matrix, int inputs, int outputs)
    {
        var panels = new AlignedBuffer(matrix.Length);
        for (int channel = 0; channel < outputs; channel += VecPair<TVec>.Count)
        {
            int width = Math.Min(VecPair<TVec>.Count, outputs - channel);
            for (int input = 0; input < inputs; input++)
            {
                matrix.Span.Slice((input * outputs) + channel, width).CopyTo(panels.Span[((channel * inputs) + (input * width))..]);
            }
        }

        return panels;
    }
}

/// <summary>Packed weights of a layer (see <see cref="WeightPacker"/>), padded with zeros.</summary>
/// <param name="Matrix">[taps, channels].</param>
/// <param name="Bias">[channels].</param>
internal sealed record LayerWeights(AlignedBuffer Matrix, AlignedBuffer Bias)
{
    public static LayerWeights Pack(WeightPacker packer, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        var packed = new LayerWeights(new AlignedBuffer(packer.PackedLength), new AlignedBuffer(packer.OutputStride));
        packer.Pack(weights, packed.Matrix.Span);
        bias.CopyTo(packed.Bias.Span);
        return packed;
    }
}
