using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Training.Optimization;

/// <summary>A range of the flat parameter vector.</summary>
internal readonly record struct Segment(int Offset, int Length)
{
    public Span<float> Of(Span<float> vector) => vector.Slice(Offset, Length);
}

/// <summary>The parameters of one convolution or dense layer.</summary>
/// <param name="LayerIndex">Index of the layer in the architecture.</param>
/// <param name="Packer">Converts between the weights file's order and that of the kernels.</param>
/// <param name="Weight">[taps, channels], as the kernels read it.</param>
/// <param name="Bias">[channels]; null if batch normalisation follows, because its shift replaces the bias.</param>
/// <param name="Scale">[channels] of batch normalisation; null without it.</param>
/// <param name="Shift">[channels] of batch normalisation; null without it.</param>
internal sealed record LayerParameters(int LayerIndex, WeightPacker Packer, Segment Weight, Segment? Bias, Segment? Scale, Segment? Shift)
{
    /// <summary>The Winograd variant of a convolution; null for direct convolution. Tiles are small, because their rounding errors are half as large.</summary>
    public required WinogradVariant? Winograd { get; init; }
}

/// <summary>Where each layer's parameters lie in the flat vector.</summary>
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
            // Rounded up to whole vectors of the widest kind, so that every segment is aligned.
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
                    Shift: normalized ? Next(outputStride) : null)
                {
                    Winograd = architecture.Layers[i] is ConvolutionLayer convolution
                        ? ConvolutionCost.Choose(convolution, architecture.InputOf(i), ConvolutionAlgorithm.Fastest, WinogradVariant.WithSixPoints)
                        : null,
                });
                channelStride = outputStride;
            }
        }

        Layers = layers;
        Length = length;
    }

    public NetworkArchitecture Architecture { get; }

    public IReadOnlyList<LayerParameters> Layers { get; }

    /// <summary>Length of the flat vector.</summary>
    public int Length { get; }

    public LayerParameters Of(int layerIndex) => Layers.Single(layer => layer.LayerIndex == layerIndex);

    /// <summary>Fills a parameter vector from weights. Scales start at 1 and shifts at 0.</summary>
    public void Load(NetworkWeights weights, Span<float> values)
    {
        values.Clear();
        foreach (var layer in Layers)
        {
            var parameters = Architecture.ParametersOf(layer.LayerIndex);
            layer.Packer.Pack(weights[parameters[0].Name], values.Slice(layer.Weight.Offset, layer.Weight.Length));
            if (layer.Bias is { } segment)
            {
                weights[parameters[1].Name].CopyTo(values[segment.Offset..]);
            }

            if (layer.Scale is { } scale)
            {
                values.Slice(scale.Offset, scale.Length).Fill(1);
            }
        }
    }

    /// <summary>Converts a parameter vector to weights; batch normalisation is folded into the convolution before it.</summary>
    /// <param name="values">The parameter vector.</param>
    /// <param name="statistics">Mean and variance of the input of each batch normalisation, by the index of its convolution.</param>
    /// <param name="metadata">Stored with the weights.</param>
    public NetworkWeights ToWeights(
        ReadOnlySpan<float> values,
        IReadOnlyDictionary<int, ChannelStatistics> statistics,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var layer in Layers)
        {
            var parameters = Architecture.ParametersOf(layer.LayerIndex);
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

            tensors.Add(parameters[0].Name, new WeightTensor(parameters[0].Dimensions, weight));
            tensors.Add(parameters[1].Name, new WeightTensor(parameters[1].Dimensions, bias));
        }

        return new NetworkWeights(Architecture, tensors, metadata);
    }

    // scale * (w * x - mean) / deviation + shift = (scale / deviation * w) * x + (shift - scale / deviation * mean)
    private static void Fold(ChannelStatistics statistics, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift, Span<float> weight, Span<float> bias)
    {
        int taps = weight.Length / bias.Length;
        for (int channel = 0; channel < bias.Length; channel++)
        {
            double factor = scale[channel] / Math.Sqrt(statistics.Variance[channel] + ChannelStatistics.Epsilon);
            bias[channel] = (float)(shift[channel] - (factor * statistics.Mean[channel]));
            foreach (ref float value in weight.Slice(channel * taps, taps))
            {
                value = (float)(factor * value);
            }
        }
    }
}
