using Mnist.Inference;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class ConvolutionCostTests
{
    [TestCase(3, 16, 16, 12, true, "3x3 tiles without waste")]
    [TestCase(3, 64, 64, 4, true, "one tile")]
    [TestCase(3, 64, 64, 5, true, "four tiles for 25 pixels: still fewer products, and many channels share a transform")]
    [TestCase(3, 16, 16, 5, false, "with few channels the transforms decide")]
    [TestCase(3, 64, 64, 2, false, "as many products as by the definition")]
    [TestCase(5, 32, 64, 14, true, "7x7 tiles without waste")]
    [TestCase(5, 64, 64, 1, false, "a quarter of a tile")]
    [TestCase(3, 15, 64, 12, false, "fewer channels than lanes")]
    [TestCase(7, 64, 64, 12, false, "there is no form for the kernel")]
    public void PrefersWinograd_OfAGrid_WeighsProductsAndTransforms(int kernel, int inputs, int outputs, int side, bool expected, string why)
    {
        var layer = new ConvolutionLayer(kernel, outputs, Padding.Same);
        var input = new Shape(side, side, inputs);

        Assert.That(ConvolutionCost.PrefersWinograd(layer, input, ConvolutionAlgorithm.Fastest), Is.EqualTo(expected), why);
        Assert.That(ConvolutionCost.PrefersWinograd(layer, input, ConvolutionAlgorithm.Direct), Is.False);
        Assert.That(ConvolutionCost.PrefersWinograd(layer, input, ConvolutionAlgorithm.Winograd), Is.EqualTo(kernel < 7 && inputs >= 16));
    }

    [Test]
    public void ByDefinition_CountsEveryTapOfEveryPixel() =>
        Assert.That(ConvolutionCost.ByDefinition(pixels: 576, kernel: 5, inputs: 1, outputs: 16), Is.EqualTo(Architectures.Vgg12.Layers[0].MultiplyAdds(new Shape(28, 28, 1))));
}
