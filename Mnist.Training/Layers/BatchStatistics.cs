using System.Numerics;
using System.Runtime.CompilerServices;
using Mnist.Inference.Kernels;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>
/// The half of a <see cref="BatchNormalization"/> next to the convolution. The forward pass computes the statistics that the other half needs; the
/// backward pass computes the gradient of the convolution's output, which needs sums from the other half.
/// </summary>
internal sealed class BatchStatistics : ITrainingStep
{
    private readonly BatchNormalization _normalization;
    private readonly TrainingLayer _source;
    private readonly int _images;
    private readonly int[] _gradientWindow;
    private readonly float[] _centre;
    private readonly float[] _sum;
    private readonly float[] _square;

    /// <param name="normalization">The other half.</param>
    /// <param name="source">The convolution.</param>
    /// <param name="images">Images in the shard.</param>
    public BatchStatistics(BatchNormalization normalization, TrainingLayer source, int images)
    {
        _normalization = normalization;
        _source = source;
        _images = images;
        _gradientWindow = source.GradientLayout.Window(normalization.Pool);
        _centre = new float[normalization.Channels];
        _sum = new float[normalization.Channels];
        _square = new float[normalization.Channels];
    }

    /// <summary>
    /// Computes mean and variance in one pass from the sums of values and of squares. The mean of the first image is subtracted from every value first,
    /// so that no precision is lost to cancellation.
    /// </summary>
    public void Forward(ParameterVector parameters, ImageRange images)
    {
        if (images.First == 0)
        {
            Array.Clear(_centre);
            Restart();
            Sum(images with { Count = 1 });
            for (int channel = 0; channel < _sum.Length; channel++)
            {
                _centre[channel] = _sum[channel] * _images / _normalization.Positions;
            }

            Restart();
        }

        Sum(images);
        if (images.End == _images)
        {
            var statistics = _normalization.Statistics;
            for (int channel = 0; channel < _sum.Length; channel++)
            {
                float mean = _sum[channel] / _normalization.Positions;
                statistics.Mean[channel] = _centre[channel] + mean;
                statistics.Variance[channel] = MathF.Max(0, (_square[channel] / _normalization.Positions) - (mean * mean));
            }
        }
    }

    /// <summary>
    /// Mean and deviation depend on every value, so the gradient of a value is scale / deviation * (g - mean of g - n * (mean of g * n)); names as in
    /// <see cref="BatchNormalization.Backward"/>.
    /// </summary>
    [MethodImpl(CompileAs.Kernel)]
    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        var sources = _source.Outputs(images);
        var gradients = _normalization.OutputGradients(images);
        var destinations = _source.OutputGradients(images);
        int channels = _normalization.Channels;
        int[] sourceWindow = _normalization.SourceWindow;
        foreach (var row in RowTriple.All(_normalization.GradientLayout, _source.OutputLayout, _source.GradientLayout, images.Count, _normalization.Pool))
        {
            ref float source = ref sources[row.Second];
            ref float gradient = ref gradients[row.First];
            ref float destination = ref destinations[row.Third];
            for (int channel = 0; channel < channels; channel += Vector<float>.Count)
            {
                var normalization = _normalization.Of(channel);
                var mean = new Vector<float>(_normalization.Statistics.Mean, channel);
                var factor = new Vector<float>(_normalization.Factor, channel);
                var meanOfGradient = new Vector<float>(_normalization.MeanOfGradient, channel);
                var meanOfProduct = new Vector<float>(_normalization.MeanOfProduct, channel);
                for (int i = channel, window = channel; i < row.Length; i += channels, window += _normalization.Pool * channels)
                {
                    ref float corner = ref Unsafe.Add(ref source, window);
                    var largest = normalization.Largest(ref corner);
                    var remaining = normalization.Passed(largest, Vector.LoadUnsafe(ref gradient, (nuint)i));
                    for (int k = 0; k < sourceWindow.Length; k++)
                    {
                        var value = Vector.LoadUnsafe(ref corner, (nuint)sourceWindow[k]);
                        var isLargest = Vector.Equals(normalization.Apply(value), largest);
                        var g = BatchNormalization.Where(isLargest, remaining);
                        remaining = Vector.AndNot(remaining, Vector.As<int, float>(isLargest));
                        ((g - meanOfGradient - ((value - mean) * meanOfProduct)) * factor).StoreUnsafe(ref destination, (nuint)(window + _gradientWindow[k]));
                    }
                }
            }
        }
    }

    private void Restart()
    {
        Array.Clear(_sum);
        Array.Clear(_square);
    }

    [MethodImpl(CompileAs.Kernel)]
    private void Sum(ImageRange images)
    {
        var sources = _source.Outputs(images);
        int channels = _sum.Length;
        foreach (var row in RowTriple.All(_source.OutputLayout, _source.OutputLayout, _source.OutputLayout, images.Count))
        {
            ref float source = ref sources[row.First];
            for (int channel = 0; channel < channels; channel += Vector<float>.Count)
            {
                var shift = new Vector<float>(_centre, channel);
                var total = new Vector<float>(_sum, channel);
                var totalSquare = new Vector<float>(_square, channel);
                for (nuint i = (nuint)channel; i < (nuint)row.Length; i += (nuint)channels)
                {
                    var value = Vector.LoadUnsafe(ref source, i) - shift;
                    total += value;
                    totalSquare += value * value;
                }

                total.CopyTo(_sum, channel);
                totalSquare.CopyTo(_square, channel);
            }
        }
    }
}
