using Mnist.Inference.Kernels;

namespace Mnist.Inference.Plan;

/// <summary>Steps that some images go through together, before the next images begin.</summary>
/// <param name="Steps">In their order.</param>
/// <param name="ImagesAtOnce">So few that their activations stay in a core's second-level cache, so many that the weights are worth reading.</param>
internal sealed record Stage(IReadOnlyList<Step> Steps, int ImagesAtOnce);

/// <summary>How an architecture is computed: compiled once, when weights are loaded, immutable and shared by all workspaces.</summary>
internal sealed class NetworkPlan
{
    /// <summary>Pixels from which on the activations of more than a few images fall out of the cache.</summary>
    internal const int LargeGrid = 64;

    /// <summary>How many times fewer products make up for the transforms.</summary>
    private const double WinogradAdvantage = 1.5;

    private NetworkPlan(TensorLayout input, IReadOnlyList<Stage> stages)
    {
        Input = input;
        Stages = stages;
    }

    public TensorLayout Input { get; }

    /// <summary>First the layers on large grids, then those on small ones, then the dense ones.</summary>
    public IReadOnlyList<Stage> Stages { get; }

    public static NetworkPlan Compile(NetworkWeights weights, SimdPath path, ConvolutionAlgorithm algorithm) => path switch
    {
        SimdPath.Vector512 => Compile<Vec512>(weights, algorithm),
        SimdPath.Vector256 => Compile<Vec256>(weights, algorithm),
        SimdPath.Vector128 => Compile<Vec128>(weights, algorithm),
        _ => Compile<VecScalar>(weights, algorithm),
    };

    /// <summary>Layout of an output of <paramref name="shape"/> with the border that the layer <paramref name="reader"/> wants around it.</summary>
    internal static TensorLayout LayoutFor(Shape shape, Layer? reader, ConvolutionAlgorithm algorithm)
    {
        var layout = TensorLayout.ForOutput(shape);
        if (reader is not ConvolutionLayer layer)
        {
            return layout;
        }

        var output = layer.OutputShape(shape);
        return UsesWinograd(layer.Kernel, shape.Channels, output.Height, output.Width, algorithm)
            ? layout.WithBorder(layer.Halo, Winograd.Excess(output.Height, layer.Kernel), Winograd.Excess(output.Width, layer.Kernel))
            : layout.WithBorder(layer.Halo, 0, 0);
    }

    /// <summary>Whether Winograd's way needs clearly fewer products than the definition, whole tiles counted.</summary>
    internal static bool UsesWinograd(int kernel, int inputChannels, int outputHeight, int outputWidth, ConvolutionAlgorithm algorithm)
    {
        if (!Winograd.Supports(kernel) || inputChannels < TensorLayout.Lanes || algorithm == ConvolutionAlgorithm.Direct)
        {
            return false;
        }

        int products = Winograd.Tiles(outputHeight, kernel) * Winograd.Tiles(outputWidth, kernel) * Winograd.Places;
        return products * WinogradAdvantage < outputHeight * outputWidth * kernel * kernel;
    }

    private static NetworkPlan Compile<TVec>(NetworkWeights weights, ConvolutionAlgorithm algorithm)
        where TVec : struct, IVector<TVec>
    {
        var architecture = weights.Architecture;
        var layers = architecture.Layers;
        var input = LayoutFor(architecture.Input, layers[0], algorithm) with { ChannelStride = architecture.Input.Channels };
        var steps = new List<Step>();
        var current = input;
        for (int i = 0; i < layers.Count; i++)
        {
            int next = i + (layers.ElementAtOrDefault(i + 1) is ReluLayer ? 2 : 1);
            bool relu = next == i + 2;
            TensorLayout OutputOf(int last) => LayoutFor(architecture.Shapes[last], layers.ElementAtOrDefault(last + 1), algorithm);
            switch (layers[i])
            {
                case ConvolutionLayer layer when UsesWinograd(layer.Kernel, architecture.InputOf(i).Channels, architecture.Shapes[i].Height, architecture.Shapes[i].Width, algorithm):
                    bool pool = layers.ElementAtOrDefault(next) is MaxPoolLayer { Size: 2 };
                    var output = OutputOf(pool ? next : next - 1);
                    var packed = PackWeights(weights, i, current, output);
                    steps.Add(layer.Kernel == Filter3x3.Kernel
                        ? new WinogradStep<TVec, Filter3x3>(layer, current, output, packed, relu, pool ? 2 : 1)
                        : new WinogradStep<TVec, Filter5x5>(layer, current, output, packed, relu, pool ? 2 : 1));
                    i = pool ? next : next - 1;
                    break;
                case ConvolutionLayer layer:
                    output = OutputOf(next - 1);
                    steps.Add(new ConvolutionStep<TVec>(layer, current, output, PackWeights(weights, i, current, output), relu));
                    i = next - 1;
                    break;
                case MaxPoolLayer layer:
                    steps.Add(new MaxPoolStep<TVec>(layer, current, OutputOf(i)));
                    break;
                case DenseLayer:
                    output = OutputOf(next - 1);
                    steps.Add(new DenseStep<TVec>(current, output, PackWeights(weights, i, current, output), relu));
                    i = next - 1;
                    break;
            }

            current = steps[^1].Output;
        }

        return new NetworkPlan(input, [.. GroupByGrid(steps)]);
    }

    private static IEnumerable<Stage> GroupByGrid(IReadOnlyList<Step> steps)
    {
        static int ImagesAtOnce(Step step) => step.IsDense ? int.MaxValue : step.Input.Height * step.Input.Width >= LargeGrid ? 4 : 24;
        var stage = new List<Step>();
        foreach (var step in steps)
        {
            if (stage.Count > 0 && ImagesAtOnce(stage[0]) != ImagesAtOnce(step))
            {
                yield return new Stage(stage, ImagesAtOnce(stage[0]));
                stage = [];
            }

            stage.Add(step);
        }

        yield return new Stage(stage, ImagesAtOnce(stage[0]));
    }

    private static LayerWeights PackWeights(NetworkWeights weights, int layer, TensorLayout input, TensorLayout output)
    {
        var parameters = weights.Architecture.ParametersOf(layer);
        return new LayerWeights(PackerOf(weights.Architecture, layer, input.ChannelStride, output.ChannelStride), weights[parameters[0].Name], weights[parameters[1].Name]);
    }

    /// <summary>How the weights of a convolution or dense layer are packed.</summary>
    internal static WeightPacker PackerOf(NetworkArchitecture architecture, int layer, int inputStride, int outputStride)
    {
        var input = architecture.InputOf(layer);
        return architecture.Layers[layer] is ConvolutionLayer convolution
            ? new WeightPacker(convolution.Channels, input.Channels, convolution.Kernel, convolution.Kernel, inputStride, outputStride)
            : new WeightPacker(architecture.Shapes[layer].Channels, input.Channels, input.Height, input.Width, inputStride, outputStride);
    }
}
