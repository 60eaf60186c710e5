using Mnist.Inference;

namespace Mnist.Tests.Core;

/// <summary>Weights files beside the tests: tests of the server do not depend on the network that ships.</summary>
internal static class RandomWeights
{
    private static readonly Lazy<string> Digits = new(() => Write("digits", new NetworkArchitecture(new Shape(28, 28, 1),
        [new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10)])));

    /// <summary>A small network for digits.</summary>
    public static string Path => Digits.Value;

    /// <summary>The settings with which a server serves it, though it reads no digit.</summary>
    public static (string Name, string Value)[] Settings => [("Mnist:WeightsPath", Path), ("Mnist:MaxSelfTestErrors", "20")];

    /// <summary><see cref="Settings"/> as arguments of the server.</summary>
    public static IEnumerable<string> Arguments => Settings.Select(setting => $"--{setting.Name}={setting.Value}");

    /// <summary>A network for <paramref name="classCount"/> classes of square images.</summary>
    public static string Other(int side, int classCount) =>
        Write($"{side}x{side}-to-{classCount}", new NetworkArchitecture(new Shape(side, side, 1), [new DenseLayer(classCount)]));

    private static string Write(string name, NetworkArchitecture architecture)
    {
        string path = System.IO.Path.Combine(TestContext.CurrentContext.TestDirectory, $"random-{name}.safetensors");
        NetworkWeights.Random(architecture, seed: 1).Save(path);
        return path;
    }
}
