using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>Consecutive steps that some images go through together, before the next images begin.</summary>
/// <param name="Steps">The steps in their order.</param>
/// <param name="ImagesAtOnce">Images per run: few enough for their activations to stay in a core's second-level cache, enough to amortise reading the weights.</param>
internal sealed record StepGroup(IReadOnlyList<Step> Steps, int ImagesAtOnce);

/// <summary>How the engine computes a network: compiled once, when weights are loaded; immutable and shared by all workspaces.</summary>
internal sealed class NetworkPlan
{
    /// <summary>Pixels per image from which the activations of more than a few images do not fit the second-level cache.</summary>
    internal const int LargeGrid = 64;

    private NetworkPlan(TensorLayout input, IReadOnlyList<StepGroup> groups, IReadOnlyList<PlannedStep> description)
    {
        Input = input;
        Groups = groups;
        Description = description;
    }

    public TensorLayout Input { get; }

    /// <summary>First the layers on large grids, then those on small grids, then the dense layers.</summary>
    public IReadOnlyList<StepGroup> Groups { get; }

    /// <summary>The steps of all groups, for people to read.</summary>
    public IReadOnlyList<PlannedStep> Description { get; }

    public static NetworkPlan Compile(NetworkWeights weights, VectorWidth width, ConvolutionAlgorithm algorithm) => width switch
    {
        VectorWidth.Vector512 => Compile<Vec512>(weights, algorithm),
        VectorWidth.Vector256 => Compile<Vec256>(weights, algorithm),
        VectorWidth.Vector128 => Compile<Vec128>(weights, algorithm),
        _ => Compile<VecScalar>(weights, algorithm),
    };

    /// <summary>Layout of an output of <paramref name="shape"/>, with the border that the next layer, <paramref name="reader"/>, reads.</summary>
    internal static TensorLayout LayoutFor(Shape shape, Layer? reader, ConvolutionAlgorithm algorithm, IReadOnlyList<WinogradVariant> variants)
    {
        var layout = TensorLayout.ForOutput(shape);
        if (reader is not ConvolutionLayer layer)
        {
            return layout;
        }

        var output = layer.OutputShape(shape);
        return ConvolutionCost.Choose(layer, shape, algorithm, variants) switch
        {
            { IsColumn: false } variant => layout.WithBorder(layer.Halo, variant.Excess(output.Height), variant.Excess(output.Width)),

            // The transform works on whole rows, so the rows are padded to whole vectors; the pixels are not.
            { } variant => layout.WithBorder(layer.Halo, variant.Excess(output.Height), TensorLayout.RoundUp(shape.Width + (2 * layer.Halo)) - shape.Width - (2 * layer.Halo)),
            null => layout.WithBorder(layer.Halo, 0, 0),
        };
    }

    private static NetworkPlan Compile<TVec>(NetworkWeights weights, ConvolutionAlgorithm algorithm)
        where TVec : struct, IVector<TVec>
    {
        var architecture = weights.Architecture;
        var layers = architecture.Layers;
        var input = LayoutFor(architecture.Input, layers[0], algorithm, VariantsFor(0)) with { ChannelStride = architecture.Input.Channels };
        var steps = new List<Step>();
        var description = new List<PlannedStep>();
        var current = input;
        int next;
        for (int first = 0; first < layers.Count; first = next)
        {
            // A step fuses the ReLU that follows, and a Winograd step also the 2x2 pooling after it.
            var winograd = layers[first] is ConvolutionLayer candidate ? ConvolutionCost.Choose(candidate, architecture.InputOf(first), algorithm, VariantsFor(first)) : null;
            bool relu = layers.ElementAtOrDefault(first + 1) is ReluLayer;
            next = first + (relu ? 2 : 1);
            bool pool = winograd is not null && layers.ElementAtOrDefault(next) is MaxPoolLayer { Size: 2 };
            next += pool ? 1 : 0;
            var output = LayoutFor(architecture.Shapes[next - 1], layers.ElementAtOrDefault(next), algorithm, VariantsFor(next));
            Step step = layers[first] switch
            {
                ConvolutionLayer layer when winograd is { } variant =>
                    WinogradStep.Create<TVec>(variant, layer, current, output, Pack(first), relu, pool ? 2 : 1),
                ConvolutionLayer layer => new ConvolutionStep<TVec>(layer, current, output, Pack(first), relu),
                MaxPoolLayer layer => new MaxPoolStep<TVec>(layer, current, output),
                _ => new DenseStep<TVec>(current, output, Pack(first), relu),
            };
            steps.Add(step);
            description.Add(new PlannedStep(
                string.Join(" + ", Enumerable.Range(first, next - first).Select(architecture.LayerName)),
                architecture.Shapes[next - 1],
                step.Algorithm,
                layers[first].MultiplyAdds(architecture.InputOf(first)),
                step.Cost,
                (long)step.WeightCount * sizeof(float),
                step.IsDense ? null : ImagesAtOnce(step)));
            current = output;

            LayerWeights Pack(int layer)
            {
                var parameters = architecture.ParametersOf(layer);
                return LayerWeights.Pack(
                    PackerOf(architecture, layer, current.ChannelStride, output.ChannelStride), weights[parameters[0].Name], weights[parameters[1].Name]);
            }
        }

        return new NetworkPlan(input, [.. GroupByGrid(steps)], description);

        IReadOnlyList<WinogradVariant> VariantsFor(int layer) => layer == 0 && architecture.Input.Channels == 1 ? WinogradVariant.ForGreyImages : WinogradVariant.All;
    }

    /// <summary>Images that a layer with <paramref name="pixels"/> input pixels computes together.</summary>
    internal static int ImagesAtOnce(int pixels) => pixels >= LargeGrid ? 4 : 24;

    private static int ImagesAtOnce(Step step) => step.IsDense ? int.MaxValue : ImagesAtOnce(step.Input.Height * step.Input.Width);

    private static IEnumerable<StepGroup> GroupByGrid(IReadOnlyList<Step> steps)
    {
        var group = new List<Step>();
        foreach (var step in steps)
        {
            if (group.Count > 0 && ImagesAtOnce(group[0]) != ImagesAtOnce(step))
            {
                yield return new StepGroup(group, ImagesAtOnce(group[0]));
                group = [];
            }

            group.Add(step);
        }

        yield return new StepGroup(group, ImagesAtOnce(group[0]));
    }

    /// <summary>Packer for the weights of a convolution or dense layer.</summary>
    internal static WeightPacker PackerOf(NetworkArchitecture architecture, int layer, int inputStride, int outputStride)
    {
        var input = architecture.InputOf(layer);
        return architecture.Layers[layer] is ConvolutionLayer convolution
            ? new WeightPacker(convolution.Channels, input.Channels, convolution.Kernel, convolution.Kernel, inputStride, outputStride)
            : new WeightPacker(architecture.Shapes[layer].Channels, input.Channels, input.Height, input.Width, inputStride, outputStride);
    }
}
