using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class ConvolutionCostTests
{
    [TestCase(3, 16, 16, 12, "F(4x4, 3x3)", "3x3 tiles without waste")]
    [TestCase(3, 64, 64, 4, "F(4x4, 3x3)", "one tile")]
    [TestCase(3, 64, 64, 6, "F(6x6, 3x3)", "one large tile instead of four small ones")]
    [TestCase(3, 64, 64, 24, "F(6x6, 3x3)", "many tiles per read of the weights")]
    [TestCase(3, 64, 64, 5, "F(6x6, 3x3)", "a partly used tile still has fewer products than direct convolution")]
    [TestCase(3, 64, 64, 2, null, "as many products as direct convolution")]
    [TestCase(5, 32, 64, 14, "F(4x4, 5x5)", "4x4 tiles with some waste")]
    [TestCase(5, 64, 64, 2, "F(2x2, 5x5)", "one tile")]
    [TestCase(5, 64, 64, 1, null, "a quarter of a tile")]
    [TestCase(3, 15, 64, 12, null, "fewer channels than lanes")]
    [TestCase(7, 64, 64, 12, null, "no variant for the kernel")]
    public void Choose_PaddedChannels_TakesTheCheapest(int kernel, int inputs, int outputs, int side, string? expected, string why)
    {
        var layer = new ConvolutionLayer(kernel, outputs, Padding.Same);
        var input = new Shape(side, side, inputs);

        Assert.That(Choose(ConvolutionAlgorithm.Fastest)?.ToString(), Is.EqualTo(expected), why);
        Assert.That(Choose(ConvolutionAlgorithm.Direct), Is.Null);
        Assert.That(Choose(ConvolutionAlgorithm.Winograd) is not null, Is.EqualTo(kernel < 7 && inputs >= 16));

        WinogradVariant? Choose(ConvolutionAlgorithm algorithm) => ConvolutionCost.Choose(layer, input, algorithm, WinogradVariant.All);
    }

    [TestCase(5, 28, "F(4, 5)", "8 products along a column instead of 20")]
    [TestCase(5, 1, null, "three quarters of a tile wasted")]
    [TestCase(3, 28, null, "no variant for the kernel")]
    public void Choose_OneChannel_TransformsColumnsIfCheaper(int kernel, int side, string? expected, string why) =>
        Assert.That(
            ConvolutionCost.Choose(new ConvolutionLayer(kernel, 16, Padding.Same), new Shape(side, side, 1), ConvolutionAlgorithm.Fastest, WinogradVariant.ForGreyImages)?.ToString(),
            Is.EqualTo(expected), why);

    [Test]
    public void Direct_OfALayer_EqualsItsMultiplyAdds() =>
        Assert.That(ConvolutionCost.Direct(pixels: 576, kernel: 5, inputs: 1, outputs: 16), Is.EqualTo(Architectures.Vgg12.Layers[0].MultiplyAdds(new Shape(28, 28, 1))));
}
