using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>A run of values in the flat vector of all parameters.</summary>
internal readonly record struct Segment(int Offset, int Length)
{
    public Span<float> Of(Span<float> vector) => vector.Slice(Offset, Length);
}

/// <summary>The parameters of one convolution or dense layer.</summary>
/// <param name="LayerIndex">Index in the architecture.</param>
/// <param name="Packer">Order of the weight.</param>
/// <param name="Weight">Matrix [taps, channels] as the kernels read it.</param>
/// <param name="Bias">[channels]; none where batch normalisation follows, whose shift takes its place.</param>
/// <param name="Scale">[channels] of batch normalisation.</param>
/// <param name="Shift">[channels] of batch normalisation.</param>
internal sealed record LayerParameters(int LayerIndex, WeightPacker Packer, Segment Weight, Segment? Bias, Segment? Scale, Segment? Shift)
{
    /// <summary>Form of a convolution in Winograd's way, else null. Small tiles: their transforms' errors are half as large.</summary>
    public required WinogradVariant? Winograd { get; init; }
}

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

    public int Length { get; }

    public LayerParameters Of(int layerIndex) => Layers.Single(layer => layer.LayerIndex == layerIndex);

    /// <summary>Fills a vector from weights; batch normalisation starts as the identity.</summary>
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
            double factor = scale[channel] / Math.Sqrt(statistics.Variance[channel] + BatchNormalization.Epsilon);
            bias[channel] = (float)(shift[channel] - (factor * statistics.Mean[channel]));
            foreach (ref float value in weight.Slice(channel * taps, taps))
            {
                value = (float)(factor * value);
            }
        }
    }
}

/// <summary>All parameters of a network as one flat vector, and what the kernels need of the weights in other forms.</summary>
internal sealed class ParameterVector
{
    private readonly AlignedBuffer _values;
    private readonly ParameterLayout _layout;
    private readonly Dictionary<int, WeightForms> _forms;

    public ParameterVector(ParameterLayout layout)
    {
        _values = new AlignedBuffer(layout.Length);
        _layout = layout;
        _forms = layout.Layers.ToDictionary(layer => layer.LayerIndex, layer => new WeightForms(layer, layout.Architecture.Layers[layer.LayerIndex] is DenseLayer));
    }

    public Span<float> All => _values.Span;

    public ReadOnlySpan<float> this[Segment segment] => segment.Of(_values.Span);

    /// <summary>What the forward pass of a layer multiplies with. This and the next are valid after <see cref="Update"/>.</summary>
    public ReadOnlySpan<float> Forward(LayerParameters layer) => layer.Winograd is not null ? _forms[layer.LayerIndex].Transformed : this[layer.Weight];

    /// <summary>What the input gradient of a layer multiplies with.</summary>
    public ReadOnlySpan<float> Backward(LayerParameters layer) =>
        layer.Winograd is not null ? _forms[layer.LayerIndex].TransformedTransposed : _forms[layer.LayerIndex].Transposed;

    /// <summary>How many pieces of work <see cref="Update"/> has.</summary>
    public int FormCount => 2 * _layout.Layers.Count;

    /// <summary>To be called after every change of the values.</summary>
    public void Update()
    {
        for (int form = 0; form < FormCount; form++)
        {
            UpdateForm(form);
        }
    }

    /// <summary>One piece of <see cref="Update"/>; threads may share them.</summary>
    public void UpdateForm(int form)
    {
        // The last layers have the most weights: the longest pieces first.
        var layer = _layout.Layers[^(1 + (form / 2))];
        if (form % 2 == 0)
        {
            _forms[layer.LayerIndex].UpdateForward(this[layer.Weight]);
        }
        else
        {
            _forms[layer.LayerIndex].UpdateBackward(this[layer.Weight]);
        }
    }
}

/// <summary>Mean and variance of each channel.</summary>
internal sealed record ChannelStatistics(float[] Mean, float[] Variance)
{
    /// <summary>Statistics of all groups of images together; the groups have the same size.</summary>
    public static ChannelStatistics Pool(IReadOnlyList<ChannelStatistics> groups)
    {
        int channels = groups[0].Mean.Length;
        var mean = new double[channels];
        var square = new double[channels];
        foreach (var group in groups)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                double groupMean = group.Mean[channel];
                mean[channel] += groupMean / groups.Count;
                square[channel] += (group.Variance[channel] + (groupMean * groupMean)) / groups.Count;
            }
        }

        return new ChannelStatistics(
            Array.ConvertAll(mean, value => (float)value),
            [.. square.Zip(mean, (square, mean) => (float)(square - (mean * mean)))]);
    }

    public ChannelStatistics Copy() => new([.. Mean], [.. Variance]);
}
