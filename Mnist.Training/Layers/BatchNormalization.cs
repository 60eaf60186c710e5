using System.Numerics;
using System.Runtime.CompilerServices;
using Mnist.Inference.Kernels;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) over the images of the shard, fused with the ReLU and the max pooling that may
/// follow it: y = maximum over a window of max(scale * (x - mean) / sqrt(variance + epsilon) + shift, 0), with statistics for each channel.
/// </summary>
/// <remarks>
/// The three are fused because they are bound by memory bandwidth: intermediate values are recomputed instead of stored. Both passes need sums over
/// all images first; <see cref="BatchStatistics"/> is the half that runs before this one in the forward pass and after it in the backward pass.
/// </remarks>
internal sealed class BatchNormalization : TrainingLayer, ITrainingStep
{
    private readonly LayerParameters _parameters;
    private readonly Vector<float> _floor;
    private readonly float[] _inverseDeviation;
    private readonly float[] _constant;

    /// <param name="previous">The convolution.</param>
    /// <param name="output">Layout of the output after pooling.</param>
    /// <param name="relu">Whether a ReLU follows.</param>
    /// <param name="pool">Side of the pooling window, a divisor of both sides of the input; 1 for no pooling.</param>
    /// <param name="images">Images in the shard.</param>
    /// <param name="parameters">Parameters of the convolution, with scale and shift.</param>
    public BatchNormalization(TrainingLayer previous, TensorLayout output, bool relu, int pool, int images, LayerParameters parameters)
        : base(previous, output, output, images, keepsOutputs: false)
    {
        Channels = output.ChannelStride;
        Pool = pool;
        Positions = images * previous.OutputLayout.Height * previous.OutputLayout.Width;
        SourceWindow = previous.OutputLayout.Window(pool);
        Statistics = new ChannelStatistics(new float[Channels], new float[Channels]);
        Factor = new float[Channels];
        MeanOfGradient = new float[Channels];
        MeanOfProduct = new float[Channels];
        _parameters = parameters;
        _floor = new Vector<float>(relu ? 0 : float.NegativeInfinity);
        _inverseDeviation = new float[Channels];
        _constant = new float[Channels];
    }

    /// <summary>Index of the convolution in the architecture.</summary>
    public int LayerIndex => _parameters.LayerIndex;

    public int Channels { get; }

    /// <summary>Side of the pooling window.</summary>
    public int Pool { get; }

    /// <summary>Number of values over which a channel is normalised: images x height x width.</summary>
    public int Positions { get; }

    /// <summary>Offsets of the pixels of a pooling window from its first one.</summary>
    public int[] SourceWindow { get; }

    /// <summary>Statistics of the shard in the last forward pass.</summary>
    public ChannelStatistics Statistics { get; }

    /// <summary>scale / deviation, [channels].</summary>
    public float[] Factor { get; }

    /// <summary>Mean of g, [channels]; names as in <see cref="Backward"/>.</summary>
    public float[] MeanOfGradient { get; }

    /// <summary>Mean of g * n, divided by the deviation, [channels]: times (x - mean) it gives n * (mean of g * n).</summary>
    public float[] MeanOfProduct { get; }

    [MethodImpl(CompileAs.Kernel)]
    public void Forward(ParameterVector parameters, ImageRange images)
    {
        if (images.First == 0)
        {
            Update(parameters[_parameters.Scale!.Value], parameters[_parameters.Shift!.Value]);
        }

        var sources = Source.Outputs(images);
        var outputs = Outputs(images);
        foreach (var row in RowTriple.All(OutputLayout, Source.OutputLayout, Source.OutputLayout, images.Count, Pool))
        {
            ref float source = ref sources[row.Second];
            ref float destination = ref outputs[row.First];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var normalization = Of(channel);
                for (int i = channel, window = channel; i < row.Length; i += Channels, window += Pool * Channels)
                {
                    normalization.Largest(ref Unsafe.Add(ref source, window)).StoreUnsafe(ref destination, (nuint)i);
                }
            }
        }
    }

    /// <summary>
    /// Let n = (x - mean) / deviation and g the gradient of the loss by scale * n + shift: the output's gradient at the first maximum of each window
    /// where the ReLU is active, else 0. The gradients of scale and shift are the sums of g * n and of g.
    /// </summary>
    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        if (images.First == 0)
        {
            Array.Clear(MeanOfGradient);
            Array.Clear(MeanOfProduct);
        }

        AddToSums(images, MeanOfGradient, MeanOfProduct);
        if (images.End == Images)
        {
            var scaleGradient = _parameters.Scale!.Value.Of(parameterGradient);
            var shiftGradient = _parameters.Shift!.Value.Of(parameterGradient);
            for (int channel = 0; channel < Channels; channel++)
            {
                scaleGradient[channel] += MeanOfProduct[channel] * _inverseDeviation[channel];
                shiftGradient[channel] += MeanOfGradient[channel];
                MeanOfGradient[channel] /= Positions;
                MeanOfProduct[channel] *= _inverseDeviation[channel] * _inverseDeviation[channel] / Positions;
            }
        }
    }

    /// <summary>The values where the mask is set, and 0 elsewhere.</summary>
    public static Vector<float> Where(Vector<int> mask, Vector<float> values) => Vector.As<int, float>(mask) & values;

    /// <summary>The normalisation of the vector of channels that begins at <paramref name="channel"/>.</summary>
    public Normalization Of(int channel) => new(this, channel);

    private void Update(ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        for (int channel = 0; channel < Channels; channel++)
        {
            _inverseDeviation[channel] = 1 / MathF.Sqrt(Statistics.Variance[channel] + ChannelStatistics.Epsilon);
            Factor[channel] = scale[channel] * _inverseDeviation[channel];
            _constant[channel] = shift[channel] - (Statistics.Mean[channel] * Factor[channel]);
        }
    }

    /// <summary>Adds up g and g * (x - mean).</summary>
    [MethodImpl(CompileAs.Kernel)]
    private void AddToSums(ImageRange images, float[] sumOfGradient, float[] sumOfProduct)
    {
        var sources = Source.Outputs(images);
        var gradients = OutputGradients(images);
        foreach (var row in RowTriple.All(GradientLayout, Source.OutputLayout, Source.OutputLayout, images.Count, Pool))
        {
            ref float source = ref sources[row.Second];
            ref float gradient = ref gradients[row.First];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var normalization = Of(channel);
                var mean = new Vector<float>(Statistics.Mean, channel);
                var sum = new Vector<float>(sumOfGradient, channel);
                var product = new Vector<float>(sumOfProduct, channel);
                for (int i = channel, window = channel; i < row.Length; i += Channels, window += Pool * Channels)
                {
                    ref float corner = ref Unsafe.Add(ref source, window);
                    var largest = normalization.Largest(ref corner);
                    var remaining = normalization.Passed(largest, Vector.LoadUnsafe(ref gradient, (nuint)i));
                    sum += remaining;
                    foreach (int pixel in SourceWindow)
                    {
                        var value = Vector.LoadUnsafe(ref corner, (nuint)pixel);
                        var isLargest = Vector.Equals(normalization.Apply(value), largest);
                        product += Where(isLargest, remaining) * (value - mean);
                        remaining = Vector.AndNot(remaining, Vector.As<int, float>(isLargest));
                    }
                }

                sum.CopyTo(sumOfGradient, channel);
                product.CopyTo(sumOfProduct, channel);
            }
        }
    }

    /// <summary>Normalises one vector of channels, held in registers.</summary>
    public readonly struct Normalization(BatchNormalization layer, int channel)
    {
        private readonly Vector<float> _factor = new(layer.Factor, channel);
        private readonly Vector<float> _constant = new(layer._constant, channel);
        private readonly Vector<float> _floor = layer._floor;
        private readonly int[] _window = layer.SourceWindow;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Apply(Vector<float> value) => (value * _factor) + _constant;

        /// <summary>The output after ReLU and pooling of the window whose first pixel is <paramref name="corner"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Largest(ref float corner)
        {
            var largest = _floor;
            foreach (int pixel in _window)
            {
                largest = Vector.MaxNative(Apply(Vector.LoadUnsafe(ref corner, (nuint)pixel)), largest);
            }

            return largest;
        }

        /// <summary>The gradient where the ReLU is active, else 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Passed(Vector<float> largest, Vector<float> gradient) => Where(Vector.GreaterThan(largest, _floor), gradient);
    }
}
