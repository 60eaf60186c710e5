using System.Runtime.InteropServices;
using Mnist.Inference;

namespace Mnist.Benchmarks;

/// <summary>Paths in the repository, relative to its root.</summary>
internal static class RepositoryFiles
{
    public const string Weights = "weights/mnist.safetensors";

    /// <summary>Folder of the 10,000 MNIST test digits.</summary>
    public const string Data = "Mnist.Tests/Data";

    /// <summary>Output of <c>dotnet publish Mnist.Api -r ...</c>, compiled ahead of time.</summary>
    public static string PublishedServer { get; } = $"artifacts/publish/Mnist.Api/release_{RuntimeInformation.RuntimeIdentifier}/Mnist.Api.dll";

    /// <summary>The shipped network, which may be a cascade.</summary>
    public static Network LoadShipped() => Network.Load(Weights);
}
