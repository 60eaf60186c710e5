using Mnist.Inference.Kernels;

namespace Mnist.Inference.Plan;

/// <summary>One call of a kernel in a <see cref="NetworkPlan"/>: the algorithm chosen for a layer, its packed weights, its layouts.</summary>
internal abstract class Step(TensorLayout input, TensorLayout output)
{
    public TensorLayout Input { get; } = input;

    public TensorLayout Output { get; } = output;

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

/// <summary>Convolution by its definition, with bias and ReLU fused into the store.</summary>
internal sealed class ConvolutionStep<TVec>(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
    : Step(input, output)
    where TVec : struct, IVector<TVec>
{
    private readonly DirectConvolution<TVec> _convolution = new(layer.Kernel, layer.Halo, input, output);

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, weights.Matrix, weights.Bias, relu, output, images);
}

/// <summary>Convolution in Winograd's way, with bias, ReLU and a 2x2 max pooling fused into the store.</summary>
internal sealed class WinogradStep<TVec, TFilter> : Step
    where TVec : struct, IVector<TVec>
    where TFilter : struct, IWinogradFilter
{
    private readonly WinogradConvolution<TVec, TFilter> _convolution;
    private readonly AlignedBuffer _transformed;
    private readonly LayerWeights _weights;
    private readonly bool _relu;

    public WinogradStep(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerWeights weights, bool relu, int pool)
        : base(input, output)
    {
        _convolution = new WinogradConvolution<TVec, TFilter>(input, output, layer.Halo, pool);
        _transformed = new AlignedBuffer(Winograd.Places * input.ChannelStride * output.ChannelStride);
        Winograd.TransformWeights<TVec, TFilter>(
            weights.Matrix, input.ChannelStride, output.ChannelStride, _transformed.Span, new float[Winograd.ScratchLength]);
        _weights = weights;
        _relu = relu;
    }

    public override int ScratchLength => _convolution.ScratchLength;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch) =>
        _convolution.Run(input, _transformed.Span, _weights.Bias, _relu, output, images, scratch);
}

/// <summary>Max pooling.</summary>
internal sealed class MaxPoolStep<TVec>(MaxPoolLayer layer, TensorLayout input, TensorLayout output) : Step(input, output)
    where TVec : struct, IVector<TVec>
{
    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch)
    {
        for (int image = 0; image < images; image++)
        {
            MaxPoolKernel.Forward<TVec>(input[(image * Input.ImageStride)..], Input, layer.Size, output[(image * Output.ImageStride)..], Output);
        }
    }
}

/// <summary>Dense layer: the convolution kernel with images for positions and the whole image for a window.</summary>
internal sealed class DenseStep<TVec> : Step
    where TVec : struct, IVector<TVec>
{
    /// <summary>Images that share one pass over the weights.</summary>
    private const int ImagesAtOnce = 64;

    private readonly TapWindow _window;
    private readonly int[] _inputOffsets;
    private readonly int[] _outputOffsets;
    private readonly LayerWeights _weights;
    private readonly bool _relu;

    public DenseStep(TensorLayout input, TensorLayout output, LayerWeights weights, bool relu)
        : base(input, output)
    {
        _window = new TapWindow(1, input.ImageStride, 0);
        _inputOffsets = [.. Enumerable.Range(0, ImagesAtOnce).Select(image => image * input.ImageStride)];
        _outputOffsets = [.. Enumerable.Range(0, ImagesAtOnce).Select(image => image * output.ImageStride)];
        _weights = weights;
        _relu = relu;
    }

    public override bool IsDense => true;

    public override void Run(ReadOnlySpan<float> input, Span<float> output, int images, Span<float> scratch)
    {
        for (int start = 0; start < images; start += ImagesAtOnce)
        {
            int count = Math.Min(ImagesAtOnce, images - start);
            ConvolutionKernel.Forward<TVec>(
                input[(start * Input.ImageStride)..], _inputOffsets.AsSpan(0, count), _window, _weights.Matrix, _weights.Bias, _relu,
                output[(start * Output.ImageStride)..], _outputOffsets.AsSpan(0, count));
        }
    }
}

/// <summary>Weights as the kernels read them: matrix [taps, channels] and bias [channels], channels padded with zeros.</summary>
internal sealed class LayerWeights
{
    private readonly AlignedBuffer _matrix;
    private readonly AlignedBuffer _bias;

    public LayerWeights(WeightPacker packer, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias)
    {
        _matrix = new AlignedBuffer(packer.PackedLength);
        _bias = new AlignedBuffer(packer.OutputStride);
        packer.Pack(weights, _matrix.Span);
        bias.CopyTo(_bias.Span);
    }

    public ReadOnlySpan<float> Matrix => _matrix.Span;

    public ReadOnlySpan<float> Bias => _bias.Span;
}
