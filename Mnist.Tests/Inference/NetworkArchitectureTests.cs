using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class NetworkArchitectureTests
{
    private static readonly Shape Digit = new(28, 28, 1);

    [Test]
    public void TensorFlask_Size_IsAsPublished()
    {
        Assert.That(Architectures.TensorFlask.MultiplyAdds, Is.EqualTo(11_467_776));
        Assert.That(Architectures.TensorFlask.ParameterCount, Is.EqualTo(857_738));
    }

    [Test]
    public void Vgg12_Size_IsAsDocumented()
    {
        Assert.That(Architectures.Vgg12.MultiplyAdds, Is.EqualTo(3_927_040));
        Assert.That(Architectures.Vgg12.ParameterCount, Is.EqualTo(93_818));
    }

    [Test]
    public void ToJson_ThenParse_GivesTheSameArchitecture([Values("tensorflask", "vgg12")] string name, [Values] bool indented)
    {
        var architecture = Architectures.ByName[name];
        var parsed = NetworkArchitecture.Parse(architecture.ToJson(indented));
        Assert.That(parsed.Layers, Is.EqualTo(architecture.Layers));
        Assert.That(parsed.Input, Is.EqualTo(architecture.Input));
    }

    [Test]
    public void ToJson_OfEveryLayerType_IsTheFileFormat()
    {
        var architecture = new NetworkArchitecture(Digit, [new ConvolutionLayer(3, 8, Padding.Same), new ReluLayer(), new MaxPoolLayer(2), new DenseLayer(10)]);
        Assert.That(architecture.ToJson(), Is.EqualTo(
            """{"input":{"height":28,"width":28,"channels":1},"layers":[{"type":"conv2d","kernel":3,"channels":8,"padding":"same"},{"type":"relu"},{"type":"max_pool2d","size":2},{"type":"dense","units":10}]}"""));
    }

    [TestCase("null", "null")]
    [TestCase("{}", "not valid JSON")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[{"type":"lstm"}]}""", "not valid JSON")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[{"type":"dense","units":10,"bias":false}]}""", "not valid JSON")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[{"type":"dense"}]}""", "not valid JSON")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[{"type":"conv2d","kernel":3,"channels":8,"padding":"full"}]}""", "not valid JSON")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[null]}""", "layer 0 is null")]
    [TestCase("""{"input":{"height":28,"width":28,"channels":1},"layers":[]}""", "0 layers")]
    [TestCase("""{"input":{"height":2147483647,"width":2147483647,"channels":1},"layers":[{"type":"dense","units":10}]}""", "input is")]
    public void Parse_InvalidArchitecture_NamesTheError(string json, string reason)
    {
        Assert.That(() => NetworkArchitecture.Parse(json), Throws.TypeOf<InvalidArchitectureException>().With.Message.Contains(reason));
    }

    [Test]
    public void Constructor_LayersThatDoNotFit_NamesTheLayer()
    {
        var convolution = new ConvolutionLayer(3, 8, Padding.Same);
        AssertFails("last layer must be dense", new ConvolutionLayer(3, 8, Padding.Same));
        AssertFails("layer 0 (relu)", new ReluLayer(), new DenseLayer(10));
        AssertFails("layer 2 (relu)", convolution, new MaxPoolLayer(2), new ReluLayer(), new DenseLayer(10));
        AssertFails("layer 0 (max_pool2d) must follow", new MaxPoolLayer(2), new DenseLayer(10));
        AssertFails("layer 1", new DenseLayer(10), new ConvolutionLayer(3, 8, Padding.Same), new DenseLayer(10));
        AssertFails("layer 1", new DenseLayer(10), new MaxPoolLayer(2), new DenseLayer(10));
        AssertFails("layer 0: kernel is 4", new ConvolutionLayer(4, 8, Padding.Same), new DenseLayer(10));
        AssertFails("layer 0: channels is 0", new ConvolutionLayer(3, 0, Padding.Same), new DenseLayer(10));
        AssertFails("layer 0: units is 0", new DenseLayer(0));
        AssertFails("layer 2: size is 1", convolution, new MaxPoolLayer(4), new MaxPoolLayer(1), new DenseLayer(10));
        AssertFails("layer 3: a window of 2", convolution, new MaxPoolLayer(4), new MaxPoolLayer(4), new MaxPoolLayer(2), new DenseLayer(10));
        AssertFails("does not fit", convolution, new MaxPoolLayer(4), new MaxPoolLayer(4), new ConvolutionLayer(3, 8, Padding.Valid), new DenseLayer(10));

        static void AssertFails(string reason, params Layer[] layers) =>
            Assert.That(() => new NetworkArchitecture(Digit, layers), Throws.TypeOf<InvalidArchitectureException>().With.Message.Contains(reason));
    }
}
