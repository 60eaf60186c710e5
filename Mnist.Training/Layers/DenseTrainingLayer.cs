using System.Numerics.Tensors;
using Mnist.Inference.Kernels;
using Mnist.Training.Kernels;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>
/// Dense layer, computed by the convolution kernel with one image per position. The input gradient is the same computation with transposed weights.
/// </summary>
internal sealed class DenseTrainingLayer<TVec> : TrainingLayer, ITrainingStep
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

    public void Forward(ParameterVector parameters, ImageRange images) => ConvolutionKernel.Forward<TVec>(
        Source.Outputs(images), _inputOffsets.AsSpan(0, images.Count), _window, parameters.Forward(_parameters), parameters[_parameters.Bias!.Value],
        relu: false, Outputs(images), _outputOffsets.AsSpan(0, images.Count));

    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        var gradients = OutputGradients(images);
        var inputOffsets = _inputOffsets.AsSpan(0, images.Count);
        var outputOffsets = _outputOffsets.AsSpan(0, images.Count);
        WeightGradientKernel.Accumulate<TVec>(
            Source.Outputs(images), inputOffsets, _window, gradients, outputOffsets, OutputLayout.ChannelStride, _parameters.Weight.Of(parameterGradient));
        var biasGradient = _parameters.Bias!.Value.Of(parameterGradient);
        foreach (int offset in outputOffsets)
        {
            TensorPrimitives.Add(biasGradient, gradients.Slice(offset, biasGradient.Length), biasGradient);
        }

        if (SourceNeedsGradient)
        {
            // Gradient and output of the source have the same layout, because neither has a border.
            ConvolutionKernel.Forward<TVec>(
                gradients, outputOffsets, _backwardWindow, parameters.Backward(_parameters), _noBias, relu: false,
                Source.OutputGradients(images), inputOffsets);
        }
    }
}
