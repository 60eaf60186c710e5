using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Golden;

/// <summary>The engine against ONNX Runtime in the same process, on MNIST test digits.</summary>
public class OnnxRuntimeTests
{
    private static readonly VectorWidth[] Paths = Enum.GetValues<VectorWidth>();

    [Test]
    public void Engine_OnTensorFlasksNetworkAtEveryWidth_AgreesWithOnnxRuntime([ValueSource(nameof(Paths))] VectorWidth path) =>
        AssertAgree(NetworkWeights.Random(Architectures.TensorFlask, seed: 1), digits: 20, path);

    [Test]
    public void Engine_OnEveryKindOfLayer_AgreesWithOnnxRuntime([ValueSource(nameof(Paths))] VectorWidth path)
    {
        var architecture = new NetworkArchitecture(new Shape(28, 28, 1),
        [
            new ConvolutionLayer(7, 5, Padding.Valid), new ReluLayer(),
            new MaxPoolLayer(3),
            new ConvolutionLayer(1, 17, Padding.Same),
            new ConvolutionLayer(3, 9, Padding.Same), new ReluLayer(),
            new DenseLayer(33), new ReluLayer(),
            new DenseLayer(12),
            new DenseLayer(10),
        ]);

        AssertAgree(NetworkWeights.Random(architecture, seed: 2), digits: 50, path);
    }

    [Test]
    public void Engine_OnACascadeAtEveryWidth_AgreesWithOnnxRuntime([ValueSource(nameof(Paths))] VectorWidth path)
    {
        var network = Network.Create(RandomCascade.OfDigits(threshold: 0.3, temperature: 0.7), path);
        var test = TestData.MnistTest.Slice(0, 300);

        Assert.That(BatchClassifier.Classify(network, test).Escalated, Is.InRange(30, 270), "some are to be escalated, some not");
        Agreement.AssertAgree(network, test);
    }

    private static void AssertAgree(NetworkWeights weights, int digits, VectorWidth path)
    {
        var test = TestData.MnistTest.Slice(0, digits);
        using var reference = new OnnxReference(weights);
        float[] expected = reference.Probabilities(test);

        Assert.That(EvaluationResult.MostProbable(expected).Distinct().Count(), Is.GreaterThan(1), "the digits must not all look the same to it");
        Agreement.AssertAgree(BatchClassifier.Classify(Network.Create(weights, path), test).Probabilities(), expected);
    }
}
