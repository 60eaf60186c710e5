using Mnist.Inference;

namespace Mnist.Tests.Core;

/// <summary>Weights files in a folder of their own: tests of the server do not depend on the network that ships.</summary>
internal static class RandomWeights
{
    private static readonly Lazy<string> Shared = new(() => Write(Digits(new ConvolutionLayer(5, 16, Padding.Valid))));

    /// <summary>A small network for digits, written once.</summary>
    public static string Path => Shared.Value;

    /// <summary>A network that is wrong for digits: <paramref name="classCount"/> classes, square images of <paramref name="side"/>.</summary>
    public static string Other(int side, int classCount) => Write(new NetworkArchitecture(new Shape(side, side, 1), [new DenseLayer(classCount)]));

    private static NetworkArchitecture Digits(Layer first) =>
        new(new Shape(28, 28, 1), [first, new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10)]);

    private static string Write(NetworkArchitecture architecture)
    {
        string path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("mnist-tests-").FullName, "random.safetensors");
        NetworkWeights.Random(architecture, seed: 1).Save(path);
        return path;
    }
}
