using System.Numerics;
using System.Runtime.CompilerServices;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) over the images of the shard, with the ReLU and the max pooling that may
/// follow it: y = largest of a window of max(scale * (x - mean) / sqrt(variance + epsilon) + shift, 0), statistics for each channel.
/// </summary>
/// <remarks>One layer, because its time is that of memory: what lies between the steps is computed again where it is needed, and never stored.</remarks>
internal sealed class BatchNormalization : TrainingLayer
{
    public const float Epsilon = 1e-5f;

    private readonly LayerParameters _parameters;
    private readonly Vector<float> _floor;
    private readonly int _pool;
    private readonly int[] _sourceWindow;
    private readonly int[] _gradientWindow;
    private readonly float[] _inverseDeviation;
    private readonly float[] _factor;
    private readonly float[] _constant;

    /// <param name="previous">The convolution.</param>
    /// <param name="output">Layout behind the pooling.</param>
    /// <param name="relu">Whether a ReLU follows.</param>
    /// <param name="pool">Side of the pooling window, a divisor of both sides of the input; 1 for no pooling.</param>
    /// <param name="images">Images in the shard.</param>
    /// <param name="parameters">Of the convolution.</param>
    public BatchNormalization(TrainingLayer previous, TensorLayout output, bool relu, int pool, int images, LayerParameters parameters)
        : base(previous, output, output, images)
    {
        int channels = output.ChannelStride;
        _parameters = parameters;
        _floor = new Vector<float>(relu ? 0 : float.NegativeInfinity);
        _pool = pool;
        _sourceWindow = previous.OutputLayout.Window(pool);
        _gradientWindow = previous.GradientLayout.Window(pool);
        _inverseDeviation = new float[channels];
        _factor = new float[channels];
        _constant = new float[channels];
        Statistics = new ChannelStatistics(new float[channels], new float[channels]);
    }

    public int LayerIndex => _parameters.LayerIndex;

    /// <summary>Of the shard that <see cref="Forward"/> saw last.</summary>
    public ChannelStatistics Statistics { get; }

    private int Channels => _factor.Length;

    private int Positions => Images * Source.OutputLayout.Height * Source.OutputLayout.Width;

    public override void Forward(ParameterVector parameters)
    {
        Measure();
        var scale = parameters[_parameters.Scale!.Value];
        var shift = parameters[_parameters.Shift!.Value];
        for (int channel = 0; channel < Channels; channel++)
        {
            _inverseDeviation[channel] = 1 / MathF.Sqrt(Statistics.Variance[channel] + Epsilon);
            _factor[channel] = scale[channel] * _inverseDeviation[channel];
            _constant[channel] = shift[channel] - (Statistics.Mean[channel] * _factor[channel]);
        }

        foreach (var row in RowTriple.All(OutputLayout, Source.OutputLayout, Source.GradientLayout, Images, _pool))
        {
            ref float source = ref Source.Output.Span[row.Second];
            ref float destination = ref Output.Span[row.First];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var normalization = new Normalization(this, channel);
                for (int i = channel, window = channel; i < row.Length; i += Channels, window += _pool * Channels)
                {
                    normalization.Largest(ref Unsafe.Add(ref source, window)).StoreUnsafe(ref destination, (nuint)i);
                }
            }
        }
    }

    /// <summary>
    /// With g the gradient of what is normalised, which the ReLU and the pooling let through at the first largest value of each window, and
    /// n = (x - mean) / deviation: gradients of scale and shift are the sums of g * n and g, that of x is
    /// scale / deviation * (g - mean of g - n * mean of g * n).
    /// </summary>
    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        float[] sumOfGradient = new float[Channels];
        float[] sumOfProduct = new float[Channels];
        foreach (var row in RowTriple.All(OutputLayout, Source.OutputLayout, Source.GradientLayout, Images, _pool))
        {
            ref float source = ref Source.Output.Span[row.Second];
            ref float gradient = ref OutputGradient.Span[row.First];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var normalization = new Normalization(this, channel);
                var mean = new Vector<float>(Statistics.Mean, channel);
                var sum = new Vector<float>(sumOfGradient, channel);
                var product = new Vector<float>(sumOfProduct, channel);
                for (int i = channel, window = channel; i < row.Length; i += Channels, window += _pool * Channels)
                {
                    ref float corner = ref Unsafe.Add(ref source, window);
                    var largest = normalization.Largest(ref corner);
                    var remaining = Where(Vector.GreaterThan(largest, _floor), Vector.LoadUnsafe(ref gradient, (nuint)i));
                    sum += remaining;
                    foreach (int pixel in _sourceWindow)
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

        // The sums become the means that the second pass needs, the product's scaled twice: once for each n.
        var scaleGradient = parameterGradient[_parameters.Scale!.Value.Offset..];
        var shiftGradient = parameterGradient[_parameters.Shift!.Value.Offset..];
        for (int channel = 0; channel < Channels; channel++)
        {
            scaleGradient[channel] += sumOfProduct[channel] * _inverseDeviation[channel];
            shiftGradient[channel] += sumOfGradient[channel];
            sumOfGradient[channel] /= Positions;
            sumOfProduct[channel] *= _inverseDeviation[channel] * _inverseDeviation[channel] / Positions;
        }

        foreach (var row in RowTriple.All(OutputLayout, Source.OutputLayout, Source.GradientLayout, Images, _pool))
        {
            ref float source = ref Source.Output.Span[row.Second];
            ref float gradient = ref OutputGradient.Span[row.First];
            ref float destination = ref Source.OutputGradient.Span[row.Third];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var normalization = new Normalization(this, channel);
                var mean = new Vector<float>(Statistics.Mean, channel);
                var factor = new Vector<float>(_factor, channel);
                var meanOfGradient = new Vector<float>(sumOfGradient, channel);
                var meanOfProduct = new Vector<float>(sumOfProduct, channel);
                for (int i = channel, window = channel; i < row.Length; i += Channels, window += _pool * Channels)
                {
                    ref float corner = ref Unsafe.Add(ref source, window);
                    var largest = normalization.Largest(ref corner);
                    var remaining = Where(Vector.GreaterThan(largest, _floor), Vector.LoadUnsafe(ref gradient, (nuint)i));
                    for (int k = 0; k < _sourceWindow.Length; k++)
                    {
                        var value = Vector.LoadUnsafe(ref corner, (nuint)_sourceWindow[k]);
                        var isLargest = Vector.Equals(normalization.Apply(value), largest);
                        var g = Where(isLargest, remaining);
                        remaining = Vector.AndNot(remaining, Vector.As<int, float>(isLargest));
                        ((g - meanOfGradient - ((value - mean) * meanOfProduct)) * factor).StoreUnsafe(ref destination, (nuint)(window + _gradientWindow[k]));
                    }
                }
            }
        }
    }

    /// <summary>The values where the mask is set, 0 elsewhere.</summary>
    public static Vector<float> Where(Vector<int> mask, Vector<float> values) => Vector.ConditionalSelect(mask, values, Vector<float>.Zero);

    /// <summary>One pass: sums of the values and their squares, both of their distance to the first image's mean, so that no digits cancel.</summary>
    private void Measure()
    {
        float[] centre = new float[Channels];
        float[] sum = new float[Channels];
        float[] square = new float[Channels];
        Sum(images: 1, centre, sum, square);
        for (int channel = 0; channel < Channels; channel++)
        {
            centre[channel] = sum[channel] * Images / Positions;
        }

        Array.Clear(sum);
        Array.Clear(square);
        Sum(Images, centre, sum, square);
        for (int channel = 0; channel < Channels; channel++)
        {
            float mean = sum[channel] / Positions;
            Statistics.Mean[channel] = centre[channel] + mean;
            Statistics.Variance[channel] = MathF.Max(0, (square[channel] / Positions) - (mean * mean));
        }
    }

    private void Sum(int images, float[] centre, float[] sum, float[] square)
    {
        foreach (var row in RowTriple.All(Source.OutputLayout, Source.OutputLayout, Source.OutputLayout, images))
        {
            ref float source = ref Source.Output.Span[row.First];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var shift = new Vector<float>(centre, channel);
                var total = new Vector<float>(sum, channel);
                var totalSquare = new Vector<float>(square, channel);
                for (nuint i = (nuint)channel; i < (nuint)row.Length; i += (nuint)Channels)
                {
                    var value = Vector.LoadUnsafe(ref source, i) - shift;
                    total += value;
                    totalSquare += value * value;
                }

                total.CopyTo(sum, channel);
                totalSquare.CopyTo(square, channel);
            }
        }
    }

    /// <summary>One vector of channels, normalised.</summary>
    private readonly struct Normalization(BatchNormalization layer, int channel)
    {
        private readonly Vector<float> _factor = new(layer._factor, channel);
        private readonly Vector<float> _constant = new(layer._constant, channel);
        private readonly Vector<float> _floor = layer._floor;
        private readonly int[] _window = layer._sourceWindow;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Apply(Vector<float> value) => (value * _factor) + _constant;

        /// <summary>Behind ReLU and pooling: of the window whose first pixel is <paramref name="corner"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Largest(ref float corner)
        {
            var largest = _floor;
            foreach (int pixel in _window)
            {
                largest = Vector.Max(Apply(Vector.LoadUnsafe(ref corner, (nuint)pixel)), largest);
            }

            return largest;
        }
    }
}
