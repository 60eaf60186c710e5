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
    [TestCase(3, 64, 64, 24, "F(6x6, 3x3)", "many tiles for each reading of the weights")]
    [TestCase(3, 64, 64, 5, "F(6x6, 3x3)", "a tile that is not used up still has fewer products than the definition")]
    [TestCase(3, 64, 64, 2, null, "as many products as by the definition")]
    [TestCase(5, 32, 64, 14, "F(4x4, 5x5)", "4x4 tiles with some waste")]
    [TestCase(5, 64, 64, 2, "F(2x2, 5x5)", "one tile")]
    [TestCase(5, 64, 64, 1, null, "a quarter of a tile")]
    [TestCase(3, 15, 64, 12, null, "fewer channels than lanes")]
    [TestCase(7, 64, 64, 12, null, "there is no form for the kernel")]
    public void Choose_OfAGrid_WeighsProductsTransformsAndWeights(int kernel, int inputs, int outputs, int side, string? expected, string why)
    {
        var layer = new ConvolutionLayer(kernel, outputs, Padding.Same);
        var input = new Shape(side, side, inputs);

        Assert.That(Choose(ConvolutionAlgorithm.Fastest)?.ToString(), Is.EqualTo(expected), why);
        Assert.That(Choose(ConvolutionAlgorithm.Direct), Is.Null);
        Assert.That(Choose(ConvolutionAlgorithm.Winograd) is not null, Is.EqualTo(kernel < 7 && inputs >= 16));

        WinogradVariant? Choose(ConvolutionAlgorithm algorithm) => ConvolutionCost.Choose(layer, input, algorithm, WinogradVariant.All);
    }

    [TestCase(5, 28, "F(4, 5)", "8 products down a column instead of 20")]
    [TestCase(5, 1, null, "three quarters of a tile for nothing")]
    [TestCase(3, 28, null, "there is no form for the kernel")]
    public void Choose_OfAGreyImage_TransformsColumnsWhereThatPays(int kernel, int side, string? expected, string why) =>
        Assert.That(
            ConvolutionCost.Choose(new ConvolutionLayer(kernel, 16, Padding.Same), new Shape(side, side, 1), ConvolutionAlgorithm.Fastest, WinogradVariant.ForGreyImages)?.ToString(),
            Is.EqualTo(expected), why);

    [Test]
    public void ByDefinition_CountsEveryTapOfEveryPixel() =>
        Assert.That(ConvolutionCost.ByDefinition(pixels: 576, kernel: 5, inputs: 1, outputs: 16), Is.EqualTo(Architectures.Vgg12.Layers[0].MultiplyAdds(new Shape(28, 28, 1))));
}
