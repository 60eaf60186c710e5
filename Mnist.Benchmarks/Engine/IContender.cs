using Mnist.Inference.Model;

namespace Mnist.Benchmarks.Engine;

/// <summary>An implementation of a network. All contenders compute the same workload.</summary>
internal interface IContender : IDisposable
{
    string Name { get; }

    /// <summary>Computes the logits [N,10] of the batch.</summary>
    float[] Logits();

    /// <summary>Runs forward passes of the batch and returns the seconds for all of them.</summary>
    double Measure(int calls);
}

/// <summary>A forward pass of a network on a batch.</summary>
/// <param name="Network">Name of the network.</param>
/// <param name="Weights">Architecture and weights.</param>
/// <param name="Images">[N,28,28], 0 to 1.</param>
/// <param name="BatchSize">N.</param>
/// <param name="Stage">For a stage of a cascade, its position, such as <c>1 of 2</c>. Peers cannot run the rule that escalates to the second stage.</param>
internal sealed record Workload(string Network, NetworkWeights Weights, float[] Images, int BatchSize, string? Stage = null)
{
    /// <summary>Name in tables.</summary>
    public string Title => Stage is null ? Network : $"{Network}, stage {Stage}";
}
