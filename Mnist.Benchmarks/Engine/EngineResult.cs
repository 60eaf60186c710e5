using System.Text.Json.Serialization;
using Mnist.Benchmarks.Measuring;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Engine;

/// <summary>The result for one network at one batch size, as in the JSON file.</summary>
/// <param name="Network"><c>shipped</c> or <c>tensorflask</c>.</param>
/// <param name="Images">Batch size.</param>
/// <param name="EngineMicroseconds">The engine's time per image, median of the rounds.</param>
/// <param name="Peers">Each peer's time per image in microseconds, median of the rounds.</param>
/// <param name="Ratio">The fastest peer's time divided by the engine's.</param>
/// <param name="Stage">The measured stage of a cascade, such as <c>1 of 2</c>; null for a single network.</param>
internal sealed record EngineResult(
    string Network,
    int Images,
    double EngineMicroseconds,
    IReadOnlyDictionary<string, double> Peers,
    double Ratio,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Stage);

/// <summary>All rounds for one network at one batch size.</summary>
/// <param name="Workload">What the contenders computed.</param>
/// <param name="Names">The contenders, the engine first.</param>
/// <param name="Microseconds">Time per image, by contender and round.</param>
/// <param name="Peak">Peak floating-point operations per second of one core, measured in the same rounds.</param>
internal sealed record EngineMeasurement(Workload Workload, IReadOnlyList<string> Names, double[][] Microseconds, double Peak)
{
    /// <summary>The engine's time per image in microseconds, median of the rounds.</summary>
    public double Engine => Samples.Median(Microseconds[0]);

    /// <summary>The engine's floating-point operations per second, counted as direct convolution. Winograd needs fewer, so this can exceed the peak.</summary>
    public double Rate => 2.0 * Workload.Weights.Architecture.MultiplyAdds / (Engine * 1e-6);

    public EngineResult ToResult()
    {
        var peers = Enumerable.Range(1, Names.Count - 1).ToDictionary(i => Names[i], i => Samples.Median(Microseconds[i]));
        return new EngineResult(Workload.Network, Workload.BatchSize, Engine, peers, peers.Values.Min() / Engine, Workload.Stage);
    }

    /// <summary>A peer's time divided by the engine's.</summary>
    /// <param name="peer">Index in <see cref="Names"/>.</param>
    public Ratio RatioTo(int peer) => Ratio.Of(Microseconds[peer], Microseconds[0]);
}
