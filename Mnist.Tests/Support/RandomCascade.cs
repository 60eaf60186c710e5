using Mnist.Inference.Model;

namespace Mnist.Tests.Support;

/// <summary>A small cascade of two random networks with different architectures.</summary>
internal static class RandomCascade
{
    private static readonly NetworkArchitecture First = new(new Shape(28, 28, 1),
        [new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new ConvolutionLayer(3, 20, Padding.Same), new ReluLayer(), new DenseLayer(10)]);

    private static readonly NetworkArchitecture Second = new(new Shape(28, 28, 1),
        [new ConvolutionLayer(3, 16, Padding.Same), new ReluLayer(), new MaxPoolLayer(2), new DenseLayer(24), new ReluLayer(), new DenseLayer(10)]);

    public static IReadOnlyList<NetworkWeights> Stages { get; } = [NetworkWeights.Random(First, seed: 1), NetworkWeights.Random(Second, seed: 2)];

    public static CascadeWeights OfDigits(double threshold, double temperature) => new(Stages[0], Stages[1], new CascadeRule(threshold, temperature));
}
