using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>Memory for one caller of <see cref="Network.Forward"/> or <see cref="OodDetector.Score"/> at a time. Not thread-safe.</summary>
public sealed class Workspace
{
    private readonly Network _network;
    private readonly NetworkPlan _firstPlan;
    private readonly Activations _activations;
    private readonly SecondStage? _secondStage;
    private readonly float[] _logits;

    internal Workspace(Network network, IReadOnlyList<NetworkPlan> plans, int maxBatchSize)
    {
        MaxBatchSize = maxBatchSize;
        _network = network;
        _firstPlan = plans[0];
        _logits = new float[checked(maxBatchSize * network.ClassCount)];
        int viewsAtOnce = network.Cascade is null ? 0 : SecondStage.RunSize(maxBatchSize);
        _activations = new Activations(_firstPlan, Math.Max(maxBatchSize, viewsAtOnce));
        if (network.Cascade is { } rule)
        {
            // The second stage runs the first network again, after the first stage: both use the same activations.
            _secondStage = new SecondStage(
                rule, [(_firstPlan, _activations), (plans[1], new Activations(plans[1], viewsAtOnce))], network.Input, network.ClassCount, maxBatchSize);
        }
    }

    /// <summary>The largest batch, in images.</summary>
    public int MaxBatchSize { get; }

    /// <summary>Images of the last batch that were escalated to the second stage of a cascade; 0 for a single network.</summary>
    public int Escalated { get; private set; }

    /// <summary>Room for the logits of the largest batch, for <see cref="OodDetector.Score"/>.</summary>
    internal Span<float> Logits => _logits;

    internal bool BelongsTo(Network network) => ReferenceEquals(_network, network);

    /// <summary>Images and logits are dense [N, ...] arrays that the caller has checked.</summary>
    internal void Run(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        _activations.Run(_firstPlan, images, batchSize, logits);
        Escalated = _secondStage?.Run(images, batchSize, logits) ?? 0;
    }
}
