using System.Text.Json.Serialization;
using Mnist.Benchmarks.Measuring;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Engine;

/// <summary>One network at one batch size, as it is published.</summary>
/// <param name="Network"><c>shipped</c> or <c>tensorflask</c>.</param>
/// <param name="Images">Batch size.</param>
/// <param name="EngineMicroseconds">An image; the median of the rounds, as for the peers.</param>
/// <param name="Peers">Microseconds an image, by the peer's name.</param>
/// <param name="Ratio">The best peer's time by the engine's.</param>
/// <param name="Member">Where the shipped network is a cascade: which of its members was measured, such as <c>1 of 5</c>.</param>
internal sealed record EngineResult(
    string Network,
    int Images,
    double EngineMicroseconds,
    IReadOnlyDictionary<string, double> Peers,
    double Ratio,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Member);

/// <summary>All rounds of one network at one batch size.</summary>
/// <param name="Workload">What was computed.</param>
/// <param name="Names">The contenders, the engine first.</param>
/// <param name="Microseconds">An image, by contender and round.</param>
/// <param name="Peak">Floating-point operations a second of one core, measured in the same rounds.</param>
internal sealed record EngineMeasurement(Workload Workload, IReadOnlyList<string> Names, double[][] Microseconds, double Peak)
{
    public double Engine => Samples.Median(Microseconds[0]);

    /// <summary>Operations a second of the engine, by the layers' definition: an algorithm that needs fewer can pass the peak.</summary>
    public double Rate => 2.0 * Workload.Weights.Architecture.MultiplyAdds / (Engine * 1e-6);

    public EngineResult ToResult()
    {
        var peers = Enumerable.Range(1, Names.Count - 1).ToDictionary(i => Names[i], i => Samples.Median(Microseconds[i]));
        return new EngineResult(Workload.Network, Workload.BatchSize, Engine, peers, peers.Values.Min() / Engine, Workload.Member);
    }

    /// <summary>A peer's time by the engine's.</summary>
    /// <param name="peer">Index in <see cref="Names"/>.</param>
    public Ratio RatioTo(int peer) => Ratio.Of(Microseconds[peer], Microseconds[0]);
}
