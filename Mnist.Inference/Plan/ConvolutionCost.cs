using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>What a convolution costs by each algorithm, for one image and in multiply-adds: the model by which the plan chooses.</summary>
/// <remarks>Channels count as they lie in memory, padded to whole vectors, and tiles as a whole: what is computed for nothing costs as much.</remarks>
internal static class ConvolutionCost
{
    /// <summary>
    /// What transforming one place of a tile takes for each channel, in or out: some four vector loads and stores and three additions, in the time
    /// of so many multiply-adds of the product kernel. From the time of the Winograd steps in the benchmark <c>layers</c>, less their products at
    /// nine tenths of the FMA peak: 5 to 9 on Zen 4.
    /// </summary>
    private const int Transform = 7;

    /// <summary>The same where only columns are transformed, one direction instead of two.</summary>
    private const int ColumnTransform = 3;

    /// <summary>What reading one transformed weight takes, in multiply-adds: all together often are larger than the second-level cache.</summary>
    private const int Weight = 20;

    public static long ByDefinition(int pixels, int kernel, int inputs, int outputs) => (long)pixels * kernel * kernel * inputs * outputs;

    /// <param name="form">Size of the tiles.</param>
    /// <param name="tiles">Of one image.</param>
    /// <param name="inputs">Channels.</param>
    /// <param name="outputs">Channels.</param>
    /// <param name="images">That the weights are read for at once.</param>
    public static long ByWinograd(WinogradVariant form, int tiles, int inputs, int outputs, int images) =>
        form.Places * ((tiles * (((long)inputs * outputs) + (Transform * (inputs + outputs)))) + ((long)Weight * inputs * outputs / images));

    /// <param name="form">Size of the tiles.</param>
    /// <param name="rows">Of tiles in one image.</param>
    /// <param name="columns">Of output pixels.</param>
    /// <param name="outputs">Channels.</param>
    public static long ByWinogradColumns(WinogradVariant form, int rows, int columns, int outputs) => (long)form.Places * rows * columns * outputs * (form.Kernel + ColumnTransform);

    /// <summary>The form in which a layer is computed in Winograd's way; null where it goes by its definition.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Shape of its input; with fewer channels than lanes it may be the network's own, which is not padded to whole vectors.</param>
    /// <param name="algorithm">What is asked for.</param>
    /// <param name="forms">What there is to choose from.</param>
    public static WinogradVariant? Choose(ConvolutionLayer layer, Shape input, ConvolutionAlgorithm algorithm, IReadOnlyList<WinogradVariant> forms)
    {
        if (algorithm == ConvolutionAlgorithm.Direct)
        {
            return null;
        }

        var output = layer.OutputShape(input);
        int images = NetworkPlan.ImagesAtOnce(input.Height * input.Width);
        int inputs = TensorLayout.RoundUp(input.Channels);
        int outputs = TensorLayout.RoundUp(output.Channels);
        long byDefinition = ByDefinition(output.Height * output.Width, layer.Kernel, input.Channels == 1 ? 1 : inputs, outputs);
        return forms
            .Where(form => form.Kernel == layer.Kernel && (form.IsColumn || input.Channels >= TensorLayout.Lanes))
            .Select(form => (Form: (WinogradVariant?)form, Cost: form.IsColumn
                ? ByWinogradColumns(form, form.Tiles(output.Height), output.Width, outputs)
                : ByWinograd(form, form.Tiles(output.Height) * form.Tiles(output.Width), inputs, outputs, images)))
            .Prepend((Form: null, Cost: algorithm == ConvolutionAlgorithm.Winograd ? long.MaxValue : byDefinition))
            .MinBy(choice => choice.Cost)
            .Form;
    }
}
