using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>Cost model of the planner: estimated cost of a convolution per image, in multiply-adds (FMA), for each algorithm.</summary>
/// <remarks>Channels count with their padding to whole vectors, and tiles as a whole: wasted products cost as much as useful ones.</remarks>
internal static class ConvolutionCost
{
    /// <summary>
    /// Cost of a transform, per channel and tile element, of inputs or outputs: about four vector loads and stores and three additions. Derived from the
    /// times of the Winograd steps in the benchmark <c>layers</c>, minus their products at 90 % of the FMA peak: 5 to 9 on Zen 4.
    /// </summary>
    private const int Transform = 7;

    /// <summary>The same for a transform along the columns alone.</summary>
    private const int ColumnTransform = 3;

    /// <summary>Cost of reading one transformed weight: together they are often larger than the second-level cache.</summary>
    private const int Weight = 20;

    /// <param name="pixels">Output pixels per image.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    public static long Direct(int pixels, int kernel, int inputs, int outputs) => (long)pixels * kernel * kernel * inputs * outputs;

    /// <param name="variant">The variant.</param>
    /// <param name="tiles">Tiles per image.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="images">Images that share one read of the weights.</param>
    public static long Winograd(WinogradVariant variant, int tiles, int inputs, int outputs, int images) =>
        variant.TileElements * ((tiles * (((long)inputs * outputs) + (Transform * (inputs + outputs)))) + ((long)Weight * inputs * outputs / images));

    /// <param name="variant">A variant along the columns alone.</param>
    /// <param name="rows">Rows of tiles per image.</param>
    /// <param name="columns">Columns of output pixels.</param>
    /// <param name="outputs">Output channels.</param>
    public static long WinogradColumns(WinogradVariant variant, int rows, int columns, int outputs) =>
        (long)variant.TileElements * rows * columns * outputs * (variant.Kernel + ColumnTransform);

    /// <summary>Chooses the algorithm of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input. Variants along both axes need at least as many channels as lanes: a network's own input is not padded.</param>
    /// <param name="algorithm">Restriction of the choice.</param>
    /// <param name="variants">Winograd variants to choose from.</param>
    /// <returns>The Winograd variant; null for direct convolution.</returns>
    public static WinogradVariant? Choose(ConvolutionLayer layer, Shape input, ConvolutionAlgorithm algorithm, IReadOnlyList<WinogradVariant> variants)
    {
        if (algorithm == ConvolutionAlgorithm.Direct)
        {
            return null;
        }

        var output = layer.OutputShape(input);
        int images = NetworkPlan.ImagesAtOnce(input.Height * input.Width);
        int inputs = TensorLayout.RoundUp(input.Channels);
        int outputs = TensorLayout.RoundUp(output.Channels);
        long direct = Direct(output.Height * output.Width, layer.Kernel, input.Channels == 1 ? 1 : inputs, outputs);
        return variants
            .Where(variant => variant.Kernel == layer.Kernel && (variant.IsColumn || input.Channels >= TensorLayout.Lanes))
            .Select(variant => (Variant: (WinogradVariant?)variant, Cost: variant.IsColumn
                ? WinogradColumns(variant, variant.Tiles(output.Height), output.Width, outputs)
                : Winograd(variant, variant.Tiles(output.Height) * variant.Tiles(output.Width), inputs, outputs, images)))
            .Prepend((Variant: null, Cost: algorithm == ConvolutionAlgorithm.Winograd ? long.MaxValue : direct))
            .MinBy(choice => choice.Cost)
            .Variant;
    }
}
