using System.Numerics.Tensors;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;
using Mnist.Training.Kernels;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>Convolution by Winograd's algorithm where the engine uses it, else direct.</summary>
internal sealed class ConvolutionTrainingLayer<TVec> : TrainingLayer, ITrainingStep
    where TVec : struct, IVector<TVec>
{
    private readonly LayerParameters _parameters;
    private readonly IConvolutionPasses _passes;
    private readonly int[] _outputOffsets;
    private readonly float[] _noBias;

    public ConvolutionTrainingLayer(
        ConvolutionLayer layer, TrainingLayer previous, TensorLayout output, int images, LayerParameters parameters, Scratch scratch)
        : base(previous, output, GradientLayoutOf(layer, previous, output, parameters), images)
    {
        _parameters = parameters;
        _outputOffsets = TensorLayout.Offsets(GradientLayout, output.Height, output.Width, 0);
        _passes = parameters.Winograd?.Kernel switch
        {
            null => new DirectPasses(layer, previous.OutputLayout, output, GradientLayout, _outputOffsets),
            3 => new WinogradPasses<SmallTile3x3, SmallTile3x3Adjoint>(layer.Halo, previous.OutputLayout, output, GradientLayout, scratch),
            _ => new WinogradPasses<SmallTile5x5, SmallTile5x5Adjoint>(layer.Halo, previous.OutputLayout, output, GradientLayout, scratch),
        };
        _noBias = new float[output.ChannelStride];
    }

    public void Forward(ParameterVector parameters, ImageRange images)
    {
        var bias = _parameters.Bias is { } segment ? parameters[segment] : _noBias;
        _passes.Forward(Source.Outputs(images), parameters.Forward(_parameters), bias, Outputs(images), images.Count);
    }

    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        var weightGradient = _parameters.Weight.Of(parameterGradient);
        _passes.Backward(
            Source.Outputs(images), OutputGradients(images), parameters.Backward(_parameters), weightGradient,
            SourceNeedsGradient ? Source.OutputGradients(images) : default, images.Count);
        if (_parameters.Bias is { } bias)
        {
            AddBiasGradient(bias.Of(parameterGradient), images);
        }

        if (images.End == Images)
        {
            _passes.FinishWeightGradient(weightGradient);
        }
    }

    private static TensorLayout GradientLayoutOf(ConvolutionLayer layer, TrainingLayer previous, TensorLayout output, LayerParameters parameters)
    {
        if (parameters.Winograd is { } form)
        {
            return output.WithBorder(0, form.Excess(output.Height), form.Excess(output.Width));
        }

        // The input images need no gradient, so nothing reads a border.
        return previous is InputLayer ? output : output.WithBorder(DirectPasses.BackwardHalo(layer), 0, 0);
    }

    private void AddBiasGradient(Span<float> biasGradient, ImageRange images)
    {
        var gradients = OutputGradients(images);
        for (int image = 0; image < images.Count; image++)
        {
            foreach (int offset in _outputOffsets)
            {
                TensorPrimitives.Add(biasGradient, gradients.Slice((image * GradientLayout.ImageStride) + offset, biasGradient.Length), biasGradient);
            }
        }
    }

    /// <summary>Forward and backward pass of a convolution over some images of a shard.</summary>
    private interface IConvolutionPasses
    {
        void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int images);

        /// <summary>
        /// Writes the gradient of the input unless it is empty, and adds to the gradient of the weights, either in <paramref name="weightGradient"/> or in an
        /// internal sum.
        /// </summary>
        void Backward(
            ReadOnlySpan<float> input, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> weights, Span<float> weightGradient, Span<float> inputGradient, int images);

        /// <summary>Adds the internal sum, if there is one, to the gradient of the weights; called after the last images.</summary>
        void FinishWeightGradient(Span<float> weightGradient);
    }

    private sealed class WinogradPasses<TTile, TAdjoint> : IConvolutionPasses
        where TTile : struct, IWinogradTile
        where TAdjoint : struct, IWinogradTileAdjoint
    {
        private readonly WinogradConvolution<TVec, TTile> _forward;
        private readonly WinogradGradient<TVec, TTile, TAdjoint> _backward;
        private readonly AlignedBuffer _weightGradient;
        private readonly Scratch _scratch;

        public WinogradPasses(int halo, TensorLayout input, TensorLayout output, TensorLayout gradient, Scratch scratch)
        {
            _forward = new WinogradConvolution<TVec, TTile>(input, output, halo, pool: 1);
            _backward = new WinogradGradient<TVec, TTile, TAdjoint>(input, gradient, halo);
            _weightGradient = new AlignedBuffer(_backward.TransformedLength);
            _scratch = scratch;
            scratch.Reserve(Math.Max(_forward.ScratchLength, _backward.ScratchLength));
        }

        public void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int images) =>
            _forward.Run(input, weights, singleTileWeights: [], bias, relu: false, output, images, _scratch.Span);

        public void Backward(
            ReadOnlySpan<float> input, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> weights, Span<float> weightGradient, Span<float> inputGradient, int images) =>
            _backward.Run(input, outputGradient, weights, _weightGradient.Span, inputGradient, images, _scratch.Span);

        public void FinishWeightGradient(Span<float> weightGradient)
        {
            _backward.TransformWeights(_weightGradient.Span, weightGradient, _scratch.Span);
            _weightGradient.Span.Clear();
        }
    }

    /// <summary>
    /// Direct convolution. The input gradient is the convolution of the output gradient with the weights rotated by 180 degrees and with input and output
    /// channels swapped, so it uses the engine's kernel as well.
    /// </summary>
    private sealed class DirectPasses(ConvolutionLayer layer, TensorLayout input, TensorLayout output, TensorLayout gradient, int[] gradientOffsets)
        : IConvolutionPasses
    {
        private readonly DirectConvolution<TVec> _forward = new(layer.Kernel, layer.Halo, input, output);
        private readonly DirectConvolution<TVec> _backward = new(layer.Kernel, BackwardHalo(layer), gradient, input);
        private readonly float[] _noBias = new float[input.ChannelStride];

        /// <summary>Width of the zero border that the output gradient needs: kernel - 1 less the border of the forward pass.</summary>
        public static int BackwardHalo(ConvolutionLayer layer) => layer.Kernel - 1 - layer.Halo;

        public void Forward(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int images) =>
            _forward.Run(input, weights, bias, relu: false, output, images);

        public void Backward(
            ReadOnlySpan<float> source, ReadOnlySpan<float> outputGradient, ReadOnlySpan<float> weights, Span<float> weightGradient, Span<float> inputGradient, int images)
        {
            for (int image = 0; image < images; image++)
            {
                WeightGradientKernel.Accumulate<TVec>(
                    source.Slice(image * input.ImageStride, input.ImageStride), _forward.InputOffsets, _forward.Window,
                    outputGradient.Slice(image * gradient.ImageStride, gradient.ImageStride), gradientOffsets, gradient.ChannelStride, weightGradient);
            }

            if (!inputGradient.IsEmpty)
            {
                _backward.Run(outputGradient, weights, _noBias, relu: false, inputGradient, images);
            }
        }

        public void FinishWeightGradient(Span<float> weightGradient)
        {
        }
    }
}
