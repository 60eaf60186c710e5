using System.Globalization;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

/// <summary>One convolution by each algorithm against double precision. Prints the errors that docs/engine.md tells.</summary>
[TestFixture]
internal sealed class WinogradTests
{
    /// <summary>The transforms multiply by up to 8 and add what cancels again: two to three bits.</summary>
    private const double WinogradTolerance = 5e-5;

    private const double DirectTolerance = 2e-5;

    private const int Channels = 64;
    private const int Side = 12;

    private static readonly Shape Shape = new(Side, Side, Channels);

    [Test]
    public void Convolution_OfNormalValues_IsAsExactAsItsTolerance([Values(3, 5)] int kernel)
    {
        var random = new Random(kernel);
        var layer = new ConvolutionLayer(kernel, Channels, Padding.Same);
        float[] input = Normal(random, Shape.Size, 1);
        float[] weights = Normal(random, Channels * Channels * kernel * kernel, Math.Sqrt(1.0 / (Channels * kernel * kernel)));
        double[] expected = ReferenceNetwork.Convolve(
            [ReferenceNetwork.ToChw(input, Shape)], Shape, Array.ConvertAll(weights, weight => (double)weight), new double[Channels], layer)[0];

        double winograd = LargestError(Run(layer, weights, input, ConvolutionAlgorithm.Winograd), expected);
        double direct = LargestError(Run(layer, weights, input, ConvolutionAlgorithm.Direct), expected);

        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kernel}x{kernel}, {Channels} channels on {Side}x{Side}, deviation 1: largest error {winograd:0.0e+0} in Winograd's way, {direct:0.0e+0} by the definition"));
        Assert.That(winograd, Is.InRange(double.Epsilon, WinogradTolerance));
        Assert.That(direct, Is.InRange(double.Epsilon, DirectTolerance));
    }

    private static float[] Run(ConvolutionLayer layer, float[] weights, float[] input, ConvolutionAlgorithm algorithm)
    {
        var packed = LayerWeights.Pack(new WeightPacker(Channels, Channels, layer.Kernel, layer.Kernel, Channels, Channels), weights, new float[Channels]);
        var bordered = NetworkPlan.LayoutFor(Shape, layer, algorithm);
        var output = TensorLayout.ForOutput(Shape);
        Step step = (algorithm, layer.Kernel) switch
        {
            (ConvolutionAlgorithm.Direct, _) => new ConvolutionStep<Vec256>(layer, bordered, output, packed, relu: false),
            (_, 3) => new WinogradStep<Vec256, Filter3x3>(layer, bordered, output, packed, relu: false, pool: 1),
            _ => new WinogradStep<Vec256, Filter5x5>(layer, bordered, output, packed, relu: false, pool: 1),
        };
        var source = new AlignedBuffer(bordered.ImageStride);
        var destination = new AlignedBuffer(output.ImageStride);
        bordered.CopyInside(input, source.Span);
        step.Run(source.Span, destination.Span, 1, new AlignedBuffer(step.ScratchLength).Span);
        return destination.Span.ToArray();
    }

    /// <param name="actual">[H, W, C].</param>
    /// <param name="expected">[C, H, W].</param>
    private static double LargestError(float[] actual, double[] expected) =>
        ReferenceNetwork.ToChw(actual, Shape).Zip(expected, (value, reference) => Math.Abs(value - reference)).Max();

    private static float[] Normal(Random random, int count, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
