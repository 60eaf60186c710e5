using Mnist.Inference;

namespace Mnist.Benchmarks;

/// <summary>Files of the repository, in whose root the commands are run.</summary>
internal static class RepositoryFiles
{
    public const string Weights = "weights/mnist.safetensors";

    /// <summary>Folder of the 10,000 MNIST test digits.</summary>
    public const string Data = "Mnist.Tests/Data";

    /// <summary>The shipped network as it is compared with peers; of a cascade the first member, which answers every image.</summary>
    public static NetworkWeights LoadShipped() => Network.Load(Weights).Members[0];
}
