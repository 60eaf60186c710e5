using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

internal sealed class NetworkWeightsTests
{
    private static NetworkArchitecture Architecture =>
        new(new Shape(28, 28, 1), [new ConvolutionLayer(5, 200, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10)]);

    [TestCase("conv1.weight", 5 * 5)]
    [TestCase("dense1.weight", 6 * 6 * 200)]
    public void Random_Weights_AreNormalWithVarianceTwoOverFanIn(string name, int fanIn)
    {
        double[] values = [.. NetworkWeights.Random(Architecture, seed: 1)[name].ToArray().Select(value => value * Math.Sqrt(fanIn / 2.0))];

        Assert.That(values.Average(), Is.Zero.Within(0.05));
        Assert.That(values.Average(value => value * value), Is.EqualTo(1).Within(0.05));
        Assert.That(values.Count(value => Math.Abs(value) < 1) / (double)values.Length, Is.EqualTo(0.683).Within(0.02), "within one deviation");
    }

    [TestCase(9)]
    [TestCase(11)]
    public void Constructor_WrongNumberOfValues_NamesTheTensor(int count)
    {
        var architecture = new NetworkArchitecture(new Shape(1, 1, 1), [new DenseLayer(10)]);
        var tensors = new Dictionary<string, WeightTensor> { ["dense1.weight"] = new([10, 1], new float[count]), ["dense1.bias"] = new([10], new float[10]) };

        Assert.That(
            () => new NetworkWeights(architecture, tensors),
            Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"tensor 'dense1.weight' has {count} values, expected 10 for shape [10, 1]"));
    }

    [Test]
    public void Random_Biases_AreZero() => Assert.That(NetworkWeights.Random(Architecture, seed: 1)["dense1.bias"].ToArray(), Is.All.Zero);

    [Test]
    public void Random_SameSeed_GivesTheSameWeights()
    {
        float[] weights = NetworkWeights.Random(Architecture, seed: 1)["conv1.weight"].ToArray();

        Assert.That(NetworkWeights.Random(Architecture, seed: 1)["conv1.weight"].ToArray(), Is.EqualTo(weights));
        Assert.That(NetworkWeights.Random(Architecture, seed: 2)["conv1.weight"].ToArray(), Is.Not.EqualTo(weights));
    }
}
