using System.Numerics.Tensors;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Training.Kernels;

namespace Mnist.Training.Layers;

/// <summary>
/// Convolution or dense layer. Forward and input gradient are the same kernel: the input gradient is the convolution of the output gradient
/// with the kernel turned by 180 degrees and its channels exchanged.
/// </summary>
internal sealed class LinearTrainingLayer<TVec> : TrainingLayer
    where TVec : struct, IVector<TVec>
{
    private readonly LayerParameters _parameters;
    private readonly float[] _noBias;
    private readonly float[] _noSourceBias;

    // Positions are processed group by group: the pixels of one image for a convolution, the images of the shard for a dense layer.
    private readonly int _groups;
    private readonly TapWindow _window;
    private readonly int[] _inputOffsets;
    private readonly int[] _outputOffsets;
    private readonly int[] _gradientOffsets;
    private readonly TapWindow _backwardWindow;
    private readonly int[] _backwardOffsets;
    private readonly int[] _sourceOffsets;

    private LinearTrainingLayer(
        TrainingLayer previous, TensorLayout output, TensorLayout gradient, int images, LayerParameters parameters, int groups,
        TapWindow window, int[] inputOffsets, int[] outputOffsets, int[] gradientOffsets,
        TapWindow backwardWindow, int[] backwardOffsets, int[] sourceOffsets)
        : base(previous, output, gradient, images)
    {
        _parameters = parameters;
        _noBias = new float[output.ChannelStride];
        _noSourceBias = new float[parameters.Packer.InputStride * (groups == 1 ? parameters.Packer.Height * parameters.Packer.Width : 1)];
        _groups = groups;
        _window = window;
        _inputOffsets = inputOffsets;
        _outputOffsets = outputOffsets;
        _gradientOffsets = gradientOffsets;
        _backwardWindow = backwardWindow;
        _backwardOffsets = backwardOffsets;
        _sourceOffsets = sourceOffsets;
    }

    public static LinearTrainingLayer<TVec> Convolution(
        ConvolutionLayer layer, TrainingLayer previous, TensorLayout output, int images, LayerParameters parameters)
    {
        var input = previous.OutputLayout;
        int last = layer.Kernel - 1;
        var gradient = output with { Halo = last - layer.Halo };
        return new LinearTrainingLayer<TVec>(
            previous, output, gradient, images, parameters, groups: images,
            new TapWindow(layer.Kernel, layer.Kernel * input.ChannelStride, input.RowStride),
            TensorLayout.Offsets(input, output.Height, output.Width, -layer.Halo),
            TensorLayout.Offsets(output, output.Height, output.Width, 0),
            TensorLayout.Offsets(gradient, output.Height, output.Width, 0),
            new TapWindow(layer.Kernel, layer.Kernel * gradient.ChannelStride, gradient.RowStride),
            TensorLayout.Offsets(gradient, input.Height, input.Width, layer.Halo - last),
            TensorLayout.Offsets(previous.GradientLayout, input.Height, input.Width, 0));
    }

    public static LinearTrainingLayer<TVec> Dense(TrainingLayer previous, TensorLayout output, int images, LayerParameters parameters)
    {
        int[] Offsets(int stride) => [.. Enumerable.Range(0, images).Select(image => image * stride)];
        return new LinearTrainingLayer<TVec>(
            previous, output, output, images, parameters, groups: 1,
            new TapWindow(1, previous.OutputLayout.ImageStride, 0),
            Offsets(previous.OutputLayout.ImageStride),
            Offsets(output.ImageStride),
            Offsets(output.ImageStride),
            new TapWindow(1, output.ImageStride, 0),
            Offsets(output.ImageStride),
            Offsets(previous.GradientLayout.ImageStride));
    }

    public override void Forward(ParameterVector parameters)
    {
        var weights = parameters[_parameters.Weight];
        var bias = _parameters.Bias is { } segment ? parameters[segment] : _noBias;
        for (int group = 0; group < _groups; group++)
        {
            ConvolutionKernel.Forward<TVec>(
                Source.Output.Span[(group * Source.OutputLayout.ImageStride)..], _inputOffsets, _window, weights, bias, relu: false,
                Output.Span[(group * OutputLayout.ImageStride)..], _outputOffsets);
        }
    }

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        var weightGradient = parameterGradient.Slice(_parameters.Weight.Offset, _parameters.Weight.Length);
        for (int group = 0; group < _groups; group++)
        {
            var gradient = OutputGradient.Span[(group * GradientLayout.ImageStride)..];
            WeightGradientKernel.Accumulate<TVec>(
                Source.Output.Span[(group * Source.OutputLayout.ImageStride)..], _inputOffsets, _window,
                gradient, _gradientOffsets, GradientLayout.ChannelStride, weightGradient);
            if (_parameters.Bias is { } bias)
            {
                AddBiasGradient(gradient, parameterGradient.Slice(bias.Offset, bias.Length));
            }

            if (SourceNeedsGradient)
            {
                ConvolutionKernel.Forward<TVec>(
                    gradient, _backwardOffsets, _backwardWindow, parameters.Transposed(_parameters.Weight), _noSourceBias, relu: false,
                    Source.OutputGradient.Span[(group * Source.GradientLayout.ImageStride)..], _sourceOffsets);
            }
        }
    }

    private void AddBiasGradient(ReadOnlySpan<float> gradient, Span<float> biasGradient)
    {
        foreach (int offset in _gradientOffsets)
        {
            TensorPrimitives.Add(biasGradient, gradient.Slice(offset, biasGradient.Length), biasGradient);
        }
    }
}
