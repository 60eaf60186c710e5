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
        : base(previous, output, output with { Halo = 0 }, images)
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
            var source = Source.Output.Span.Slice(row.First, row.Length);
            var destination = Output.Span.Slice(row.Second, row.Length);
            for (int i = 0, channel = 0; i < row.Length; i += Vector<float>.Count, channel = NextChannel(channel))
            {
                var value = (new Vector<float>(source[i..]) * new Vector<float>(_factor, channel)) + new Vector<float>(_constant, channel);
                (_relu ? Vector.Max(value, Vector<float>.Zero) : value).CopyTo(destination[i..]);
            }
        }
    }

    /// <summary>
    /// With g the gradient behind the ReLU and n = (x - mean) / deviation: gradients of scale and shift are the sums of g * n and g,
    /// that of x is scale / deviation * (g - mean of g - n * mean of g * n).
    /// </summary>
    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        int channels = _factor.Length;
        float[] sumOfGradient = new float[channels];
        float[] sumOfProduct = new float[channels];
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, GradientLayout, Images))
        {
            var source = Source.Output.Span.Slice(row.First, row.Length);
            var output = Output.Span.Slice(row.Second, row.Length);
            var gradient = OutputGradient.Span.Slice(row.Third, row.Length);
            for (int i = 0, channel = 0; i < row.Length; i += Vector<float>.Count, channel = NextChannel(channel))
            {
                var g = new Vector<float>(gradient[i..]);
                g = _relu ? WherePositive(new Vector<float>(output[i..]), g) : g;
                g.CopyTo(gradient[i..]);
                (new Vector<float>(sumOfGradient, channel) + g).CopyTo(sumOfGradient, channel);
                (new Vector<float>(sumOfProduct, channel) + (g * Normalized(source[i..], channel))).CopyTo(sumOfProduct, channel);
            }
        }

        Add(sumOfProduct, parameterGradient[_parameters.Scale!.Value.Offset..]);
        Add(sumOfGradient, parameterGradient[_parameters.Shift!.Value.Offset..]);
        float[] meanOfGradient = Array.ConvertAll(sumOfGradient, sum => sum / Positions);
        float[] meanOfProduct = Array.ConvertAll(sumOfProduct, sum => sum / Positions);
        foreach (var row in RowTriple.All(Source.OutputLayout, GradientLayout, Source.GradientLayout, Images))
        {
            var source = Source.Output.Span.Slice(row.First, row.Length);
            var gradient = OutputGradient.Span.Slice(row.Second, row.Length);
            var destination = Source.OutputGradient.Span.Slice(row.Third, row.Length);
            for (int i = 0, channel = 0; i < row.Length; i += Vector<float>.Count, channel = NextChannel(channel))
            {
                var centred = new Vector<float>(gradient[i..]) - new Vector<float>(meanOfGradient, channel)
                    - (Normalized(source[i..], channel) * new Vector<float>(meanOfProduct, channel));
                (centred * new Vector<float>(_factor, channel)).CopyTo(destination[i..]);
            }
        }
    }

    public static Vector<float> WherePositive(Vector<float> condition, Vector<float> value) =>
        Vector.ConditionalSelect(Vector.GreaterThan(condition, Vector<float>.Zero), value, Vector<float>.Zero);

    private static void Add(float[] values, Span<float> destination)
    {
        for (int i = 0; i < values.Length; i++)
        {
            destination[i] += values[i];
        }
    }

    private Vector<float> Normalized(ReadOnlySpan<float> source, int channel) =>
        (new Vector<float>(source) - new Vector<float>(Statistics.Mean, channel)) * new Vector<float>(_inverseDeviation, channel);

    /// <summary>Two passes: the variance is that of the centred values, which a difference of large squares would lose.</summary>
    private void Measure()
    {
        float[] noMean = new float[Statistics.Mean.Length];
        Average(noMean, power: 1, Statistics.Mean);
        Average(Statistics.Mean, power: 2, Statistics.Variance);
    }

    private void Average(float[] centre, int power, float[] average)
    {
        Array.Clear(average);
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, OutputLayout, Images))
        {
            var source = Source.Output.Span.Slice(row.First, row.Length);
            for (int i = 0, channel = 0; i < row.Length; i += Vector<float>.Count, channel = NextChannel(channel))
            {
                var value = new Vector<float>(source[i..]) - new Vector<float>(centre, channel);
                (new Vector<float>(average, channel) + (power == 1 ? value : value * value)).CopyTo(average, channel);
            }
        }

        for (int channel = 0; channel < average.Length; channel++)
        {
            average[channel] /= Positions;
        }
    }

    private int NextChannel(int channel) => channel + Vector<float>.Count == _factor.Length ? 0 : channel + Vector<float>.Count;
}
