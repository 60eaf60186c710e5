using Mnist.Inference.Model;

namespace Mnist.Tests.Support;

/// <summary>Weights files beside the tests: tests of the server do not depend on the network that ships.</summary>
internal static class RandomWeights
{
    private static readonly NetworkArchitecture Architecture =
        new(new Shape(28, 28, 1), [new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10)]);

    private static readonly Lazy<string> Digits = new(() => Write("digits", Architecture));

    /// <summary>A small network for digits.</summary>
    public static string Path => Digits.Value;

    /// <summary>The same network with other numbers.</summary>
    public static string OtherNumbers { get; } = Write("digits-2", Architecture, seed: 2);

    /// <summary>The settings with which a server serves it, though it reads no digit.</summary>
    public static (string Name, string Value)[] Settings => [("Mnist:WeightsPath", Path), ("Mnist:MaxSelfTestErrors", "20")];

    /// <summary><see cref="Settings"/> as arguments of the server.</summary>
    public static IEnumerable<string> Arguments => Settings.Select(setting => $"--{setting.Name}={setting.Value}");

    /// <summary>A network for <paramref name="classCount"/> classes of square images.</summary>
    public static string Other(int side, int classCount) =>
        Write($"{side}x{side}-to-{classCount}", new NetworkArchitecture(new Shape(side, side, 1), [new DenseLayer(classCount)]));

    private static string Write(string name, NetworkArchitecture architecture, int seed = 1)
    {
        string path = System.IO.Path.Combine(TestContext.CurrentContext.TestDirectory, $"random-{name}.safetensors");
        NetworkWeights.Random(architecture, seed).Save(path);
        return path;
    }
}
