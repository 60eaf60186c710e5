using System.Runtime.InteropServices;
using Mnist.Inference;

namespace Mnist.Benchmarks;

/// <summary>Files of the repository, in whose root the commands are run.</summary>
internal static class RepositoryFiles
{
    public const string Weights = "weights/mnist.safetensors";

    /// <summary>Folder of the 10,000 MNIST test digits.</summary>
    public const string Data = "Mnist.Tests/Data";

    /// <summary>What <c>dotnet publish Mnist.Api -r ...</c> writes: compiled ahead.</summary>
    public static string PublishedServer { get; } = $"artifacts/publish/Mnist.Api/release_{RuntimeInformation.RuntimeIdentifier}/Mnist.Api.dll";

    /// <summary>The shipped network, which may be a cascade.</summary>
    public static Network LoadShipped() => Network.Load(Weights);
}
