using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>A network as a list of layers; stored as JSON in the metadata of a weights file.</summary>
/// <remarks>
/// Convolution and pooling layers come first, beginning with a convolution unless there are none; dense layers follow. A ReLU directly follows its
/// convolution or dense layer. The last layer is dense and computes the logits.
/// </remarks>
public sealed class NetworkArchitecture
{
    private const int MaxLayers = 64;

    private const int MaxActivations = 1 << 22;

    private static readonly ArchitectureJson Compact = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    });

    private static readonly ArchitectureJson Indented = new(new JsonSerializerOptions(Compact.Options) { WriteIndented = true, TypeInfoResolver = null });

    /// <exception cref="InvalidArchitectureException">The layers do not form a network; the message names the layer.</exception>
    public NetworkArchitecture(Shape input, IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        InvalidArchitectureException.ThrowIf(layers.Count is 0 or > MaxLayers, $"found {layers.Count} layers, expected 1 to {MaxLayers}");
        InvalidArchitectureException.ThrowIf(input.Height is < 1 or > 256 || input.Width is < 1 or > 256 || input.Channels is < 1 or > 16,
            $"input is {input}, expected up to 256x256x16");
        Input = input;
        Layers = [.. layers];
        Shapes = PropagateShapes(input, layers);
        Parameters = [.. NameParameters()];
    }

    /// <summary>Shape of one input image.</summary>
    public Shape Input { get; }

    /// <summary>The layers, 1 to 64.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Shape after each layer.</summary>
    public IReadOnlyList<Shape> Shapes { get; }

    /// <summary>All tensors of the network in the order of the layers, weight before bias.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Number of logits.</summary>
    public int ClassCount => Shapes[^1].Channels;

    /// <summary>Multiply-adds per image.</summary>
    public long MultiplyAdds => Layers.Select((layer, i) => layer.MultiplyAdds(InputOf(i))).Sum();

    /// <summary>Number of weights and biases.</summary>
    public long ParameterCount => Parameters.Sum(parameter => (long)parameter.Count);

    /// <summary>Input shape of layer <paramref name="index"/>.</summary>
    public Shape InputOf(int index) => index == 0 ? Input : Shapes[index - 1];

    /// <summary>Weight and bias of layer <paramref name="index"/>; empty for a layer without parameters.</summary>
    public IReadOnlyList<Parameter> ParametersOf(int index) => [.. Parameters.Where(parameter => parameter.LayerIndex == index)];

    /// <summary>Name of layer <paramref name="index"/>: the prefix of its parameters, such as <c>conv2</c>, or its kind.</summary>
    internal string LayerName(int index) => Layers[index] switch
    {
        ReluLayer => "relu",
        MaxPoolLayer => "pool",
        _ => ParametersOf(index)[0].Name.Split('.')[0],
    };

    /// <summary>Reads the JSON of <see cref="ToJson"/>.</summary>
    /// <exception cref="InvalidArchitectureException">The text is not JSON of a layer list, or the layers do not form a network.</exception>
    public static NetworkArchitecture Parse(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, Compact.Document)
                ?? throw new InvalidArchitectureException("the architecture is null");
            return new NetworkArchitecture(document.Input, document.Layers);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidArchitectureException($"the architecture is not valid JSON of a layer list: {error.Message}", error);
        }
    }

    /// <summary>JSON of input and layers, as in a weights file.</summary>
    public string ToJson(bool indented = false) =>
        JsonSerializer.Serialize(new Document(Input, Layers), indented ? Indented.Document : Compact.Document);

    private static Shape[] PropagateShapes(Shape input, IReadOnlyList<Layer> layers)
    {
        var shapes = new Shape[layers.Count];
        Layer? previous = null;
        bool dense = false;
        for (int i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            InvalidArchitectureException.ThrowIf(layer is null, $"layer {i} is null");
            InvalidArchitectureException.ThrowIf(layer is ReluLayer && previous is not (ConvolutionLayer or DenseLayer),
                $"layer {i} (relu) must directly follow a conv2d or dense layer");
            InvalidArchitectureException.ThrowIf(layer is MaxPoolLayer && previous is null, "layer 0 (max_pool2d) must follow a conv2d layer");
            InvalidArchitectureException.ThrowIf(dense && layer is ConvolutionLayer or MaxPoolLayer,
                $"layer {i} ({layer}) follows a dense layer");
            dense |= layer is DenseLayer;
            try
            {
                shapes[i] = layer.OutputShape(i == 0 ? input : shapes[i - 1]);
            }
            catch (InvalidArchitectureException error)
            {
                throw new InvalidArchitectureException($"layer {i}: {error.Message}", error);
            }

            InvalidArchitectureException.ThrowIf(shapes[i].Size > MaxActivations, $"the output of layer {i} is {shapes[i]}, expected at most {MaxActivations} values");
            previous = layer;
        }

        InvalidArchitectureException.ThrowIf(previous is not DenseLayer, "the last layer must be dense: it computes the logits");
        return shapes;
    }

    private IEnumerable<Parameter> NameParameters()
    {
        int convolutions = 0;
        int dense = 0;
        for (int i = 0; i < Layers.Count; i++)
        {
            var input = InputOf(i);
            switch (Layers[i])
            {
                case ConvolutionLayer layer:
                    convolutions++;
                    yield return new Parameter($"conv{convolutions}.weight", i, [layer.Channels, input.Channels, layer.Kernel, layer.Kernel]);
                    yield return new Parameter($"conv{convolutions}.bias", i, [layer.Channels]);
                    break;
                case DenseLayer layer:
                    dense++;
                    yield return new Parameter($"dense{dense}.weight", i, [layer.Units, input.Size]);
                    yield return new Parameter($"dense{dense}.bias", i, [layer.Units]);
                    break;
            }
        }
    }

    internal sealed record Document(Shape Input, IReadOnlyList<Layer> Layers);
}

/// <summary>Name and shape of one tensor: convolution weights are OIHW, dense weights [out, in] with in = CHW, as in PyTorch.</summary>
/// <param name="Name">Such as <c>conv1.weight</c>.</param>
/// <param name="LayerIndex">Index of the layer in <see cref="NetworkArchitecture.Layers"/>.</param>
/// <param name="Dimensions">Shape.</param>
public sealed record Parameter(string Name, int LayerIndex, IReadOnlyList<int> Dimensions)
{
    /// <summary>Number of values.</summary>
    public int Count => Dimensions.Aggregate(1, (product, extent) => checked(product * extent));
}

[JsonSerializable(typeof(NetworkArchitecture.Document), TypeInfoPropertyName = "Document")]
internal sealed partial class ArchitectureJson : JsonSerializerContext;
