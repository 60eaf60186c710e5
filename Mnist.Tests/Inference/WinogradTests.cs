using System.Globalization;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

/// <summary>One convolution by each algorithm against double precision. Prints the errors that docs/benchmarks/engine.md reports.</summary>
[TestFixture]
internal sealed class WinogradTests
{
    /// <summary>The transforms multiply by up to 8 or 32 and add terms that cancel, which costs three to four bits.</summary>
    private const double WinogradTolerance = 5e-5;

    private const double DirectTolerance = 2e-5;

    private const int Channels = 64;
    private const int Side = 12;

    private static readonly Shape Shape = new(Side, Side, Channels);

    [TestCaseSource(typeof(WinogradVariant), nameof(WinogradVariant.All))]
    public void Convolution_OfEveryVariant_IsWithinTheTolerance(WinogradVariant variant)
    {
        int kernel = variant.Kernel;
        var random = new Random(kernel);
        var layer = new ConvolutionLayer(kernel, Channels, Padding.Same);
        float[] input = Normal(random, Shape.Size, 1);
        float[] weights = Normal(random, Channels * Channels * kernel * kernel, Math.Sqrt(1.0 / (Channels * kernel * kernel)));
        var packed = LayerWeights.Pack(new WeightPacker(Channels, Channels, kernel, kernel, Channels, Channels), weights, new float[Channels]);
        var bordered = TensorLayout.ForOutput(Shape).WithBorder(layer.Halo, variant.Excess(Side), variant.Excess(Side));
        var output = TensorLayout.ForOutput(Shape);
        double[] expected = ReferenceNetwork.Convolve(
            [ReferenceNetwork.ToChw(input, Shape)], Shape, Array.ConvertAll(weights, weight => (double)weight), new double[Channels], layer)[0];

        double winograd = LargestError(Run(WinogradStep.Create<Vec256>(variant, layer, bordered, output, packed, relu: false, pool: 1), input), Shape, expected);
        double direct = LargestError(Run(new ConvolutionStep<Vec256>(layer, bordered, output, packed, relu: false), input), Shape, expected);

        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kernel}x{kernel}, {Channels} channels on {Side}x{Side}, deviation 1: largest error {winograd:0.0e+0} by {variant}, {direct:0.0e+0} directly"));
        Assert.That(winograd, Is.InRange(double.Epsilon, WinogradTolerance));
        Assert.That(direct, Is.InRange(double.Epsilon, DirectTolerance));
    }

    [Test]
    public void ColumnConvolution_OfOneChannel_IsWithinTheTolerance([Values(5, 12, 28)] int side)
    {
        var variant = WinogradColumnConvolution<Vec256>.Variant;
        var random = new Random(side);
        var shape = new Shape(side, side, 1);
        var layer = new ConvolutionLayer(variant.Kernel, Channels, Padding.Same);
        float[] input = Normal(random, shape.Size, 1);
        float[] weights = Normal(random, Channels * variant.Kernel * variant.Kernel, 1.0 / variant.Kernel);
        var packed = LayerWeights.Pack(new WeightPacker(Channels, 1, variant.Kernel, variant.Kernel, 1, Channels), weights, new float[Channels]);
        var bordered = NetworkPlan.LayoutFor(shape, layer, ConvolutionAlgorithm.Winograd, WinogradVariant.ForGreyImages) with { ChannelStride = 1 };
        var output = layer.OutputShape(shape);
        double[] expected = ReferenceNetwork.Convolve(
            [ReferenceNetwork.ToChw(input, shape)], shape, Array.ConvertAll(weights, weight => (double)weight), new double[Channels], layer)[0];

        double error = LargestError(Run(WinogradStep.Create<Vec256>(variant, layer, bordered, TensorLayout.ForOutput(output), packed, relu: false, pool: 1), input), output, expected);

        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"5x5, one channel on {side}x{side}, deviation 1: largest error {error:0.0e+0} by {variant}"));
        Assert.That(error, Is.InRange(double.Epsilon, WinogradTolerance));
    }

    [Test]
    public void Tiles_OfAnyOutputSide_CoverIt([Values(1, 4, 6, 7, 12, 13)] int side)
    {
        foreach (var variant in WinogradVariant.All.Concat(WinogradVariant.ForGreyImages))
        {
            Assert.That(variant.Tiles(side) * variant.OutputTile, Is.EqualTo(side + variant.Excess(side)));
            Assert.That(variant.Excess(side), Is.InRange(0, variant.OutputTile - 1));
        }
    }

    private static float[] Run(Step step, float[] input)
    {
        var source = new AlignedBuffer(step.Input.ImageStride);
        var destination = new AlignedBuffer(step.Output.ImageStride);
        step.Input.CopyInside(input, source.Span);
        step.Run(source.Span, destination.Span, 1, new AlignedBuffer(step.ScratchLength).Span);
        return destination.Span.ToArray();
    }

    /// <param name="actual">[H, W, C].</param>
    /// <param name="shape">Shape of both.</param>
    /// <param name="expected">[C, H, W].</param>
    private static double LargestError(float[] actual, Shape shape, double[] expected) =>
        ReferenceNetwork.ToChw(actual, shape).Zip(expected, (value, reference) => Math.Abs(value - reference)).Max();

    private static float[] Normal(Random random, int count, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
