using Mnist.Inference.Kernels;

namespace Mnist.Inference.Plan;

/// <summary>What a convolution costs by each algorithm, for one image and in multiply-adds: the model by which the plan chooses.</summary>
/// <remarks>Channels count as they lie in memory, padded to whole vectors, and tiles as a whole: what is computed for nothing costs as much.</remarks>
internal static class ConvolutionCost
{
    /// <summary>
    /// What transforming a tile takes for each channel, in or out: some 60 vector loads, 60 stores and 100 additions, in the time of so many
    /// multiply-adds of the product kernel. From the time of the Winograd steps in the benchmark <c>layers</c>, less their products at nine
    /// tenths of the FMA peak: 170 to 340 on Zen 4.
    /// </summary>
    private const int Transform = 250;

    public static long ByDefinition(int pixels, int kernel, int inputs, int outputs) => (long)pixels * kernel * kernel * inputs * outputs;

    public static long ByWinograd(int tiles, int inputs, int outputs) => tiles * (((long)Winograd.Places * inputs * outputs) + (Transform * (inputs + outputs)));

    /// <summary>Whether a layer is computed in Winograd's way.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input; with fewer channels than lanes it may be the network's own, which is not padded to whole vectors.</param>
    /// <param name="algorithm">What is asked for.</param>
    public static bool PrefersWinograd(ConvolutionLayer layer, Shape input, ConvolutionAlgorithm algorithm)
    {
        if (!Winograd.Supports(layer.Kernel) || input.Channels < TensorLayout.Lanes || algorithm == ConvolutionAlgorithm.Direct)
        {
            return false;
        }

        var output = layer.OutputShape(input);
        int inputs = TensorLayout.RoundUp(input.Channels);
        int outputs = TensorLayout.RoundUp(output.Channels);
        int tiles = WinogradTiles.Of(layer.Kernel, output.Height, output.Width).PerImage;
        return algorithm == ConvolutionAlgorithm.Winograd
            || ByWinograd(tiles, inputs, outputs) < ByDefinition(output.Height * output.Width, layer.Kernel, inputs, outputs);
    }
}
