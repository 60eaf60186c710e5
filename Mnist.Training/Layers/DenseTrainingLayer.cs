using System.Numerics.Tensors;
using Mnist.Inference.Kernels;
using Mnist.Training.Kernels;

namespace Mnist.Training.Layers;

/// <summary>Dense layer: the convolution kernel with the images of the shard for positions; its input gradient is the same with transposed weights.</summary>
internal sealed class DenseTrainingLayer<TVec> : TrainingLayer
    where TVec : struct, IVector<TVec>
{
    private readonly LayerParameters _parameters;
    private readonly TapWindow _window;
    private readonly TapWindow _backwardWindow;
    private readonly int[] _inputOffsets;
    private readonly int[] _outputOffsets;
    private readonly float[] _noBias;

    public DenseTrainingLayer(TrainingLayer previous, TensorLayout output, int images, LayerParameters parameters)
        : base(previous, output, output, images)
    {
        _parameters = parameters;
        _window = new TapWindow(1, previous.OutputLayout.ImageStride, 0);
        _backwardWindow = new TapWindow(1, output.ImageStride, 0);
        _inputOffsets = [.. Enumerable.Range(0, images).Select(image => image * previous.OutputLayout.ImageStride)];
        _outputOffsets = [.. Enumerable.Range(0, images).Select(image => image * output.ImageStride)];
        _noBias = new float[previous.OutputLayout.ImageStride];
    }

    public override void Forward(ParameterVector parameters) => ConvolutionKernel.Forward<TVec>(
        Source.Output.Span, _inputOffsets, _window, parameters.Forward(_parameters), parameters[_parameters.Bias!.Value], relu: false, Output.Span, _outputOffsets);

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        WeightGradientKernel.Accumulate<TVec>(
            Source.Output.Span, _inputOffsets, _window, OutputGradient.Span, _outputOffsets, OutputLayout.ChannelStride, _parameters.Weight.Of(parameterGradient));
        var biasGradient = _parameters.Bias!.Value.Of(parameterGradient);
        foreach (int offset in _outputOffsets)
        {
            TensorPrimitives.Add(biasGradient, OutputGradient.Span.Slice(offset, biasGradient.Length), biasGradient);
        }

        if (SourceNeedsGradient)
        {
            // The source's gradient has no border, so its images lie as those of its output.
            ConvolutionKernel.Forward<TVec>(
                OutputGradient.Span, _outputOffsets, _backwardWindow, parameters.Backward(_parameters), _noBias, relu: false,
                Source.OutputGradient.Span, _inputOffsets);
        }
    }
}
