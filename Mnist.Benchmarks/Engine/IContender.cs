using Mnist.Inference.Model;

namespace Mnist.Benchmarks.Engine;

/// <summary>An implementation of the same network, with the same weights and inputs as the others.</summary>
internal interface IContender : IDisposable
{
    string Name { get; }

    /// <summary>Logits [N,10] of the batch.</summary>
    float[] Logits();

    /// <summary>Seconds for a number of forward passes of the batch.</summary>
    double Measure(int calls);
}

/// <summary>What every contender computes.</summary>
/// <param name="Network">Name of the network.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Images">[N,28,28], 0 to 1.</param>
/// <param name="BatchSize">N.</param>
/// <param name="Member">Where the network is the first member of a cascade: which of how many; peers cannot run the rule that asks the others.</param>
internal sealed record Workload(string Network, NetworkWeights Weights, float[] Images, int BatchSize, string? Member = null)
{
    /// <summary>Name for tables.</summary>
    public string Title => Member is null ? Network : $"{Network}, member {Member}";
}
