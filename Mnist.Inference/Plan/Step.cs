using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>One call of a kernel in a <see cref="NetworkPlan"/>: the algorithm chosen for a layer, its packed weights, its layouts.</summary>
internal abstract class Step(TensorLayout input, TensorLayout output)
{
    public TensorLayout Input { get; } = input;

    public TensorLayout Output { get; } = output;

    /// <summary>Name of the algorithm.</summary>
    public abstract string Algorithm { get; }

    /// <summary>What it does for one image; see <see cref="PlannedStep.Cost"/>.</summary>
    public virtual long Cost => 0;

    /// <summary>Weights and biases as the kernel reads them, in values.</summary>
    public virtual int WeightCount => 0;

    /// <summary>Whether an image is one position, so that only the whole batch makes a matrix product.</summary>
    public virtual bool IsDense => false;

    /// <summary>Floats of working memory that <see cref="Run"/> needs.</summary>
    public virtual int ScratchLength => 0;

    /// <param name="input">[images] in the input layout.</param>
    /// <param name="output">[images] in the output layout; its borders hold zeros and keep them.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">Of <see cref="ScratchLength"/> or more; its content does not matter.</param>
    public abstract void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch);
}

/// <summary>A step with weights: those that its kernel reads, and the bias.</summary>
internal abstract class WeightedStep(TensorLayout input, TensorLayout output, AlignedBuffer weights, AlignedBuffer bias, bool relu) : Step(input, output)
{
    public override int WeightCount => weights.Length + bias.Length;

    protected ReadOnlySpan<float> Weights => weights.Span;

    protected ReadOnlySpan<float> Bias => bias.Span;

    protected bool Relu => relu;
}

/// <summary>Convolution by its definition, with bias and ReLU fused into the store.</summary>
internal sealed class ConvolutionStep<TVec>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
    : WeightedStep(input, output, weights.Matrix, weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    private readonly DirectConvolution<TVec> _convolution = new(layer.Kernel, layer.Halo, input, output);

    public override string Algorithm => "direct";

    public override long Cost => ConvolutionCost.ByDefinition(Output.Height * Output.Width, layer.Kernel, Input.ChannelStride, Output.ChannelStride);

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, Weights, Bias, Relu, output, images);
}

/// <summary>Makes the steps in Winograd's way.</summary>
internal static class WinogradStep
{
    /// <summary>The step of a form.</summary>
    public static Step Create<TVec>(
        WinogradVariant form, ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
        where TVec : struct, IVector<TVec> => form switch
        {
            (3, 4, false) => new WinogradStep<TVec, SmallTile3x3>(layer, input, output, weights, relu, pool),
            (5, 2, false) => new WinogradStep<TVec, SmallTile5x5>(layer, input, output, weights, relu, pool),
            (3, 6, false) => new WinogradStep<TVec, LargeTile3x3>(layer, input, output, weights, relu, pool),
            (5, 4, false) => new WinogradStep<TVec, LargeTile5x5>(layer, input, output, weights, relu, pool),
            (5, 4, true) => new WinogradColumnStep<TVec>(layer, input, output, weights, relu, pool),
            _ => throw new ArgumentException($"There is no {form}.", nameof(form)),
        };
}

/// <summary>Convolution in Winograd's way, with bias, ReLU and a 2x2 max pooling fused into the store.</summary>
internal sealed class WinogradStep<TVec, TTile>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
    : WeightedStep(input, output, Transform(weights.Matrix, input.ChannelStride, output.ChannelStride), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
    where TTile : struct, IWinogradTile
{
    private readonly WinogradConvolution<TVec, TTile> _convolution = new(input, output, layer.Halo, pool);
    private readonly AlignedBuffer _singleTileWeights =
        typeof(TTile) == typeof(SmallTile3x3) && WinogradTiles.Of(TTile.Form, output.Height * pool, output.Width * pool).PerImage == 1
            ? PackForSingleTile(weights.Matrix, input.ChannelStride, output.ChannelStride)
            : new AlignedBuffer(0);

    public override string Algorithm => $"{TTile.Form}";

    public override long Cost => ConvolutionCost.ByWinograd(
        TTile.Form, _convolution.TilesPerImage, Input.ChannelStride, Output.ChannelStride, NetworkPlan.ImagesAtOnce(Input.Height * Input.Width));

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
        var transformed = new AlignedBuffer(TTile.Form.Places * inputs * outputs);
        Winograd.TransformWeights<TVec, TTile>(matrix.Span, inputs, outputs, transformed.Span, new AlignedBuffer(Winograd.ScratchLength).Span);
        return transformed;
    }
}

/// <summary>Convolution of one channel in Winograd's way down the columns, with bias, ReLU and a 2x2 max pooling fused into the store.</summary>
internal sealed class WinogradColumnStep<TVec>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
    : WeightedStep(input, output, Transform(weights.Matrix), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    private readonly WinogradColumnConvolution<TVec> _convolution = new(input, output, layer.Halo, pool);

    private static WinogradVariant Form => WinogradColumnConvolution<TVec>.Form;

    public override string Algorithm => $"{Form}";

    public override long Cost => ConvolutionCost.ByWinogradColumns(Form, Form.Tiles(Output.Height * pool), Output.Width * pool, Output.ChannelStride);

    public override int ScratchLength => _convolution.ScratchLength;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, Weights, Bias, Relu, output, images, scratch);

    private static AlignedBuffer Transform(AlignedBuffer matrix)
    {
        var transformed = new AlignedBuffer(matrix.Length / Form.Kernel * Form.InputTile);
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

/// <summary>Dense layer: the convolution kernel with images for positions and the whole image for a window.</summary>
/// <remarks>
/// Two vectors of channels at a time, as the kernel takes them, and their weights lie one after the other: [channels / two vectors, inputs, two vectors].
/// They are more than a core's own caches hold, and what is read in its order is fetched ahead by the processor.
/// </remarks>
internal sealed class DenseStep<TVec>(TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
    : WeightedStep(input, output, IntoPanels(weights.Matrix, input.ImageStride, output.ImageStride), weights.Bias, relu)
    where TVec : struct, IVector<TVec>
{
    /// <summary>Images that share one pass over the weights.</summary>
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

    private static AlignedBuffer IntoPanels(AlignedBuffer matrix, int inputs, int outputs)
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

/// <summary>Weights as the kernels read them, padded with zeros.</summary>
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
