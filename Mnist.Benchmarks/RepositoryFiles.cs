using Mnist.Inference;

namespace Mnist.Benchmarks;

/// <summary>Files of the repository, in whose root the commands are run.</summary>
internal static class RepositoryFiles
{
    public const string Weights = "weights/mnist.safetensors";

    /// <summary>Folder of the 10,000 MNIST test digits.</summary>
    public const string Data = "Mnist.Tests/Data";

    /// <summary>What <c>dotnet publish Mnist.Api</c> writes.</summary>
    public const string PublishedServer = "artifacts/publish/Mnist.Api/release/Mnist.Api.dll";

    /// <summary>The shipped network, which may be a cascade.</summary>
    public static Network LoadShipped() => Network.Load(Weights);
}
