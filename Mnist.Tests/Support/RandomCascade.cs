using Mnist.Inference.Model;

namespace Mnist.Tests.Support;

/// <summary>Small cascades of random networks: two members of one architecture, which share memory, and one of another.</summary>
internal static class RandomCascade
{
    private static readonly NetworkArchitecture Small = new(new Shape(28, 28, 1),
        [new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new ConvolutionLayer(3, 20, Padding.Same), new ReluLayer(), new DenseLayer(10)]);

    private static readonly NetworkArchitecture Other = new(new Shape(28, 28, 1),
        [new ConvolutionLayer(3, 16, Padding.Same), new ReluLayer(), new MaxPoolLayer(2), new DenseLayer(24), new ReluLayer(), new DenseLayer(10)]);

    public static IReadOnlyList<NetworkWeights> Members { get; } =
        [NetworkWeights.Random(Small, seed: 1), NetworkWeights.Random(Other, seed: 2), NetworkWeights.Random(Small, seed: 3)];

    public static CascadeWeights OfDigits(double threshold, double temperature, int views = 5) => new(Members, new CascadeRule(threshold, temperature, views));
}
