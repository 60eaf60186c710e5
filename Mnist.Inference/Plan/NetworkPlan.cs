using Mnist.Inference.Kernels;

namespace Mnist.Inference.Plan;

/// <summary>How an architecture is computed: compiled once, when weights are loaded, immutable and shared by all workspaces.</summary>
internal sealed class NetworkPlan
{
    private NetworkPlan(TensorLayout input, IReadOnlyList<Step> imageSteps, IReadOnlyList<Step> denseSteps)
    {
        Input = input;
        ImageSteps = imageSteps;
        DenseSteps = denseSteps;
    }

    public TensorLayout Input { get; }

    /// <summary>Convolutions and pools: a few images at a time, so that activations stay in the cache.</summary>
    public IReadOnlyList<Step> ImageSteps { get; }

    /// <summary>Dense layers: the whole batch at once, so that their large weights are read once.</summary>
    public IReadOnlyList<Step> DenseSteps { get; }

    public static NetworkPlan Compile(NetworkWeights weights, SimdPath path) => path switch
    {
        SimdPath.Vector512 => Compile<Vec512>(weights),
        SimdPath.Vector256 => Compile<Vec256>(weights),
        SimdPath.Vector128 => Compile<Vec128>(weights),
        _ => Compile<VecScalar>(weights),
    };

    private static NetworkPlan Compile<TVec>(NetworkWeights weights)
        where TVec : struct, IVector<TVec>
    {
        var architecture = weights.Architecture;
        var input = TensorLayout.ForInput(architecture.Input, HaloOfReader(architecture, 0));
        var imageSteps = new List<Step>();
        var denseSteps = new List<Step>();
        var current = input;
        for (int i = 0; i < architecture.Layers.Count; i++)
        {
            bool relu = i + 1 < architecture.Layers.Count && architecture.Layers[i + 1] is ReluLayer;
            var output = TensorLayout.ForOutput(architecture.Shapes[i], HaloOfReader(architecture, relu ? i + 2 : i + 1));
            switch (architecture.Layers[i])
            {
                case ConvolutionLayer layer:
                    imageSteps.Add(new ConvolutionStep<TVec>(layer, current, output, PackWeights(weights, i, current, output), relu));
                    break;
                case MaxPoolLayer layer:
                    imageSteps.Add(new MaxPoolStep<TVec>(layer, current, output));
                    break;
                case DenseLayer:
                    denseSteps.Add(new DenseStep<TVec>(current, output, PackWeights(weights, i, current, output), relu));
                    break;
                case ReluLayer:
                    continue;
            }

            current = output;
        }

        return new NetworkPlan(input, imageSteps, denseSteps);
    }

    /// <summary>Zeros that layer <paramref name="index"/> wants around what it reads.</summary>
    private static int HaloOfReader(NetworkArchitecture architecture, int index) =>
        index < architecture.Layers.Count && architecture.Layers[index] is ConvolutionLayer layer ? layer.Halo : 0;

    private static LayerWeights PackWeights(NetworkWeights weights, int layer, TensorLayout input, TensorLayout output)
    {
        var parameters = weights.Architecture.Parameters.Where(parameter => parameter.LayerIndex == layer).ToArray();
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
