using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>A run of values in the flat vector of all parameters.</summary>
internal readonly record struct Segment(int Offset, int Length);

/// <summary>The parameters of one convolution or dense layer.</summary>
/// <param name="LayerIndex">Index in the architecture.</param>
/// <param name="Packer">Order of the weight.</param>
/// <param name="Weight">Matrix [taps, channels] as the kernels read it.</param>
/// <param name="Bias">[channels]; none where batch normalisation follows, whose shift takes its place.</param>
/// <param name="Scale">[channels] of batch normalisation.</param>
/// <param name="Shift">[channels] of batch normalisation.</param>
internal sealed record LayerParameters(int LayerIndex, WeightPacker Packer, Segment Weight, Segment? Bias, Segment? Scale, Segment? Shift);

/// <summary>Which run of the flat parameter vector is what.</summary>
internal sealed class ParameterLayout
{
    public ParameterLayout(NetworkArchitecture architecture, bool batchNormalization)
    {
        Architecture = architecture;
        var layers = new List<LayerParameters>();
        var channelStride = architecture.Input.Channels;
        int length = 0;
        Segment Next(int count)
        {
            // Whole vectors of the widest kind, so that every segment stays aligned.
            var segment = new Segment(length, count);
            length += TensorLayout.RoundUp(count);
            return segment;
        }

        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            if (architecture.Layers[i] is ConvolutionLayer or DenseLayer)
            {
                int outputStride = TensorLayout.RoundUp(architecture.Shapes[i].Channels);
                var packer = NetworkPlan.PackerOf(architecture, i, channelStride, outputStride);
                bool normalized = batchNormalization && architecture.Layers[i] is ConvolutionLayer;
                layers.Add(new LayerParameters(
                    i, packer, Next(packer.PackedLength),
                    Bias: normalized ? null : Next(outputStride),
                    Scale: normalized ? Next(outputStride) : null,
                    Shift: normalized ? Next(outputStride) : null));
                channelStride = outputStride;
            }
        }

        Layers = layers;
        Length = length;
    }

    public NetworkArchitecture Architecture { get; }

    public IReadOnlyList<LayerParameters> Layers { get; }

    public int Length { get; }

    public LayerParameters Of(int layerIndex) => Layers.Single(layer => layer.LayerIndex == layerIndex);

    /// <summary>Fills a vector from weights; batch normalisation starts as the identity.</summary>
    public void Load(NetworkWeights weights, Span<float> values)
    {
        values.Clear();
        foreach (var layer in Layers)
        {
            var (weight, bias) = Names(layer);
            layer.Packer.Pack(weights[weight], values.Slice(layer.Weight.Offset, layer.Weight.Length));
            if (layer.Bias is { } segment)
            {
                weights[bias].CopyTo(values[segment.Offset..]);
            }

            if (layer.Scale is { } scale)
            {
                values.Slice(scale.Offset, scale.Length).Fill(1);
            }
        }
    }

    /// <summary>Network weights of a vector, batch normalisation folded into the convolution before it.</summary>
    /// <param name="values">The parameters.</param>
    /// <param name="statistics">Mean and variance of each normalised layer's input, by layer index.</param>
    /// <param name="metadata">Kept with the weights.</param>
    public NetworkWeights ToWeights(
        ReadOnlySpan<float> values,
        IReadOnlyDictionary<int, ChannelStatistics> statistics,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var layer in Layers)
        {
            var (weightName, biasName) = Names(layer);
            var parameters = Architecture.Parameters.Where(parameter => parameter.LayerIndex == layer.LayerIndex).ToArray();
            float[] weight = new float[parameters[0].Count];
            float[] bias = new float[parameters[1].Count];
            layer.Packer.Unpack(values.Slice(layer.Weight.Offset, layer.Weight.Length), weight);
            if (layer.Bias is { } segment)
            {
                values.Slice(segment.Offset, bias.Length).CopyTo(bias);
            }
            else
            {
                Fold(statistics[layer.LayerIndex], values[layer.Scale!.Value.Offset..], values[layer.Shift!.Value.Offset..], weight, bias);
            }

            tensors.Add(weightName, new WeightTensor(parameters[0].Dimensions, weight));
            tensors.Add(biasName, new WeightTensor(parameters[1].Dimensions, bias));
        }

        return new NetworkWeights(Architecture, tensors, metadata);
    }

    // scale * (w * x - mean) / deviation + shift = (scale / deviation * w) * x + (shift - scale / deviation * mean)
    private static void Fold(ChannelStatistics statistics, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, Span<float> weight, Span<float> bias)
    {
        int taps = weight.Length / bias.Length;
        for (int channel = 0; channel < bias.Length; channel++)
        {
            double factor = scale[channel] / Math.Sqrt(statistics.Variance[channel] + BatchNormalization.Epsilon);
            bias[channel] = (float)(shift[channel] - (factor * statistics.Mean[channel]));
            foreach (ref float value in weight.Slice(channel * taps, taps))
            {
                value = (float)(factor * value);
            }
        }
    }

    private (string Weight, string Bias) Names(LayerParameters layer)
    {
        var parameters = Architecture.Parameters.Where(parameter => parameter.LayerIndex == layer.LayerIndex).ToArray();
        return (parameters[0].Name, parameters[1].Name);
    }
}

/// <summary>All parameters of a network as one flat vector, and the transposed weights that the backward pass reads.</summary>
internal sealed class ParameterVector
{
    private readonly ParameterLayout _layout;
    private readonly AlignedBuffer _values;
    private readonly AlignedBuffer _transposed;

    public ParameterVector(ParameterLayout layout)
    {
        _layout = layout;
        _values = new AlignedBuffer(layout.Length);
        _transposed = new AlignedBuffer(layout.Length);
    }

    public Span<float> All => _values.Span;

    public ReadOnlySpan<float> this[Segment segment] => _values.Span.Slice(segment.Offset, segment.Length);

    /// <summary>The weight turned by 180 degrees with inputs and outputs exchanged; valid after <see cref="UpdateTransposed"/>.</summary>
    public ReadOnlySpan<float> Transposed(Segment weight) => _transposed.Span.Slice(weight.Offset, weight.Length);

    /// <summary>To be called after every change of the values.</summary>
    public void UpdateTransposed()
    {
        foreach (var layer in _layout.Layers)
        {
            var target = _transposed.Span.Slice(layer.Weight.Offset, layer.Weight.Length);
            bool dense = _layout.Architecture.Layers[layer.LayerIndex] is DenseLayer;
            int taps = layer.Packer.Height * layer.Packer.Width;
            int inputs = layer.Packer.InputStride;
            int outputs = layer.Packer.OutputStride;

            // A dense layer is one tap with all its inputs: there is nothing to turn.
            (taps, inputs) = dense ? (1, taps * inputs) : (taps, inputs);
            var source = this[layer.Weight];
            for (int tap = 0; tap < taps; tap++)
            {
                Transpose(source.Slice(tap * inputs * outputs, inputs * outputs), inputs, outputs, target[((taps - 1 - tap) * inputs * outputs)..]);
            }
        }
    }

    private static void Transpose(ReadOnlySpan<float> source, int rows, int columns, Span<float> target)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                target[(column * rows) + row] = source[(row * columns) + column];
            }
        }
    }
}

/// <summary>Mean and variance of each channel.</summary>
internal sealed record ChannelStatistics(float[] Mean, float[] Variance);
