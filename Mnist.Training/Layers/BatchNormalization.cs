using System.Numerics;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) over the images of the shard, followed by an optional ReLU:
/// y = max(scale * (x - mean) / sqrt(variance + epsilon) + shift, 0), statistics for each channel.
/// </summary>
internal sealed class BatchNormalization : TrainingLayer
{
    public const float Epsilon = 1e-5f;

    private readonly LayerParameters _parameters;
    private readonly bool _relu;
    private readonly float[] _inverseDeviation;
    private readonly float[] _factor;
    private readonly float[] _constant;

    public BatchNormalization(TrainingLayer previous, TensorLayout output, bool relu, int images, LayerParameters parameters)
        : base(previous, output, output, images)
    {
        _parameters = parameters;
        _relu = relu;
        int channels = output.ChannelStride;
        Statistics = new ChannelStatistics(new float[channels], new float[channels]);
        _inverseDeviation = new float[channels];
        _factor = new float[channels];
        _constant = new float[channels];
    }

    public int LayerIndex => _parameters.LayerIndex;

    /// <summary>Of the shard that <see cref="Forward"/> saw last.</summary>
    public ChannelStatistics Statistics { get; }

    private int Channels => _factor.Length;

    private int Positions => Images * OutputLayout.Height * OutputLayout.Width;

    public override void Forward(ParameterVector parameters)
    {
        Measure();
        var scale = parameters[_parameters.Scale!.Value];
        var shift = parameters[_parameters.Shift!.Value];
        for (int channel = 0; channel < _factor.Length; channel++)
        {
            _inverseDeviation[channel] = 1 / MathF.Sqrt(Statistics.Variance[channel] + Epsilon);
            _factor[channel] = scale[channel] * _inverseDeviation[channel];
            _constant[channel] = shift[channel] - (Statistics.Mean[channel] * _factor[channel]);
        }

        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, OutputLayout, Images))
        {
            ref float source = ref Source.Output.Span[row.First];
            ref float destination = ref Output.Span[row.Second];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var factor = new Vector<float>(_factor, channel);
                var constant = new Vector<float>(_constant, channel);
                var lowest = new Vector<float>(_relu ? 0 : float.NegativeInfinity);
                for (nuint i = (nuint)channel; i < (nuint)row.Length; i += (nuint)Channels)
                {
                    Vector.Max((Vector.LoadUnsafe(ref source, i) * factor) + constant, lowest).StoreUnsafe(ref destination, i);
                }
            }
        }
    }

    /// <summary>
    /// With g the gradient behind the ReLU and n = (x - mean) / deviation: gradients of scale and shift are the sums of g * n and g,
    /// that of x is scale / deviation * (g - mean of g - n * mean of g * n).
    /// </summary>
    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        float[] sumOfGradient = new float[Channels];
        float[] sumOfProduct = new float[Channels];
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, GradientLayout, Images))
        {
            ref float source = ref Source.Output.Span[row.First];
            ref float output = ref Output.Span[row.Second];
            ref float gradient = ref OutputGradient.Span[row.Third];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var mean = new Vector<float>(Statistics.Mean, channel);
                var sum = new Vector<float>(sumOfGradient, channel);
                var product = new Vector<float>(sumOfProduct, channel);
                for (nuint i = (nuint)channel; i < (nuint)row.Length; i += (nuint)Channels)
                {
                    var g = Vector.LoadUnsafe(ref gradient, i);
                    if (_relu)
                    {
                        g = WherePositive(Vector.LoadUnsafe(ref output, i), g);
                        g.StoreUnsafe(ref gradient, i);
                    }

                    sum += g;
                    product += g * (Vector.LoadUnsafe(ref source, i) - mean);
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

        foreach (var row in RowTriple.All(Source.OutputLayout, GradientLayout, Source.GradientLayout, Images))
        {
            ref float source = ref Source.Output.Span[row.First];
            ref float gradient = ref OutputGradient.Span[row.Second];
            ref float destination = ref Source.OutputGradient.Span[row.Third];
            for (int channel = 0; channel < Channels; channel += Vector<float>.Count)
            {
                var mean = new Vector<float>(Statistics.Mean, channel);
                var factor = new Vector<float>(_factor, channel);
                var meanOfGradient = new Vector<float>(sumOfGradient, channel);
                var meanOfProduct = new Vector<float>(sumOfProduct, channel);
                for (nuint i = (nuint)channel; i < (nuint)row.Length; i += (nuint)Channels)
                {
                    var centred = Vector.LoadUnsafe(ref source, i) - mean;
                    ((Vector.LoadUnsafe(ref gradient, i) - meanOfGradient - (centred * meanOfProduct)) * factor).StoreUnsafe(ref destination, i);
                }
            }
        }
    }

    public static Vector<float> WherePositive(Vector<float> condition, Vector<float> value) =>
        Vector.ConditionalSelect(Vector.GreaterThan(condition, Vector<float>.Zero), value, Vector<float>.Zero);

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
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, OutputLayout, images))
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
}
