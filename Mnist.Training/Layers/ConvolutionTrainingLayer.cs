using System.Numerics.Tensors;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Training.Kernels;

namespace Mnist.Training.Layers;

/// <summary>
/// Convolution. Its input gradient is the convolution of the output gradient with the kernel turned by 180 degrees and its channels
/// exchanged, so both directions run on the kernels of the engine; only the weight gradient has one of its own.
/// </summary>
internal sealed class ConvolutionTrainingLayer<TVec> : TrainingLayer
    where TVec : struct, IVector<TVec>
{
    private readonly LayerParameters _parameters;
    private readonly Direction _forward;
    private readonly Direction _backward;
    private readonly int[] _gradientOffsets;
    private readonly float[] _noBias;
    private readonly Scratch _scratch;

    public ConvolutionTrainingLayer(
        ConvolutionLayer layer, TrainingLayer previous, TensorLayout output, int images, LayerParameters parameters, Scratch scratch)
        : base(previous, output, GradientLayoutOf(layer, previous.OutputLayout, output, parameters), images)
    {
        var input = previous.OutputLayout;
        _parameters = parameters;
        _forward = new Direction(layer.Kernel, layer.Halo, input, output, parameters.WinogradForward, scratch);
        _backward = new Direction(layer.Kernel, GradientLayout.Halo, GradientLayout, input.WithoutBorder(), parameters.WinogradBackward, scratch);
        _gradientOffsets = TensorLayout.Offsets(GradientLayout, output.Height, output.Width, 0);
        _noBias = new float[Math.Max(input.ChannelStride, output.ChannelStride)];
        _scratch = scratch;
    }

    public override void Forward(ParameterVector parameters)
    {
        var bias = _parameters.Bias is { } segment ? parameters[segment] : _noBias.AsSpan(0, OutputLayout.ChannelStride);
        _forward.Run(Source.Output.Span, parameters.Forward(_parameters), bias, Output.Span, Images, _scratch.Span);
    }

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        var weightGradient = _parameters.Weight.Of(parameterGradient);
        for (int image = 0; image < Images; image++)
        {
            var gradient = OutputGradient.Span.Slice(image * GradientLayout.ImageStride, GradientLayout.ImageStride);
            WeightGradientKernel.Accumulate<TVec>(
                Source.Output.Span.Slice(image * Source.OutputLayout.ImageStride, Source.OutputLayout.ImageStride), _forward.Direct.InputOffsets, _forward.Direct.Window,
                gradient, _gradientOffsets, GradientLayout.ChannelStride, weightGradient);
            if (_parameters.Bias is { } bias)
            {
                AddBiasGradient(gradient, bias.Of(parameterGradient));
            }
        }

        if (SourceNeedsGradient)
        {
            var noBias = _noBias.AsSpan(0, Source.GradientLayout.ChannelStride);
            _backward.Run(OutputGradient.Span, parameters.Backward(_parameters), noBias, Source.OutputGradient.Span, Images, _scratch.Span);
        }
    }

    /// <summary>The output gradient has the border that turning the kernel asks for: the more, the less the forward direction had.</summary>
    private static TensorLayout GradientLayoutOf(ConvolutionLayer layer, TensorLayout input, TensorLayout output, LayerParameters parameters) =>
        parameters.WinogradBackward
            ? output.WithBorder(layer.Kernel - 1 - layer.Halo, Winograd.Excess(input.Height), Winograd.Excess(input.Width))
            : output.WithBorder(layer.Kernel - 1 - layer.Halo, 0, 0);

    private void AddBiasGradient(ReadOnlySpan<float> gradient, Span<float> biasGradient)
    {
        foreach (int offset in _gradientOffsets)
        {
            TensorPrimitives.Add(biasGradient, gradient.Slice(offset, biasGradient.Length), biasGradient);
        }
    }

    /// <summary>A convolution from one layout to another, in Winograd's way or by the definition.</summary>
    private sealed class Direction
    {
        private readonly WinogradConvolution<TVec>? _winograd;

        public Direction(int kernel, int halo, TensorLayout input, TensorLayout output, bool winograd, Scratch scratch)
        {
            Direct = new DirectConvolution<TVec>(kernel, halo, input, output);
            if (winograd)
            {
                _winograd = new WinogradConvolution<TVec>(input, output, halo, pool: 1);
                scratch.Reserve(_winograd.ScratchLength);
            }
        }

        /// <summary>By the definition; the weight gradient needs its positions and taps either way.</summary>
        public DirectConvolution<TVec> Direct { get; }

        public void Run(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int images, Span<float> scratch)
        {
            if (_winograd is not null)
            {
                _winograd.Run(input, weights, bias, relu: false, output, images, scratch);
            }
            else
            {
                Direct.Run(input, weights, bias, relu: false, output, images);
            }
        }
    }
}
