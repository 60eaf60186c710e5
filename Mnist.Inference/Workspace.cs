using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>What one caller of <see cref="Network.Forward"/> needs of memory. Not safe for two callers at a time.</summary>
public sealed class Workspace
{
    private readonly Network _network;
    private readonly NetworkPlan _first;
    private readonly Activations _activations;
    private readonly Cascade? _cascade;
    private readonly float[] _logits;

    internal Workspace(Network network, IReadOnlyList<NetworkPlan> plans, int maxBatchSize)
    {
        MaxBatchSize = maxBatchSize;
        _network = network;
        _logits = new float[checked(maxBatchSize * network.ClassCount)];
        _first = plans[0];
        int runSize = network.Cascade is null ? maxBatchSize : Math.Max(maxBatchSize, Cascade.RunSize(network.Cascade, maxBatchSize));
        _activations = new Activations(_first, runSize);
        if (network.Cascade is { } rule)
        {
            // Members of one architecture share activations: less memory, and it stays in the cache.
            string[] architectures = [.. network.Stages.Select(member => member.Architecture.ToJson())];
            var shared = new Dictionary<string, Activations>(StringComparer.Ordinal) { [architectures[0]] = _activations };
            foreach (var (i, plan) in plans.Index())
            {
                if (!shared.ContainsKey(architectures[i]))
                {
                    shared.Add(architectures[i], new Activations(plan, runSize));
                }
            }

            _cascade = new Cascade(rule, [.. plans.Select((plan, i) => (plan, shared[architectures[i]]))], network.Input, network.ClassCount, maxBatchSize);
        }
    }

    /// <summary>The largest batch, in images.</summary>
    public int MaxBatchSize { get; }

    /// <summary>Images of the last batch that went to the second stage of a cascade; 0 for a single network.</summary>
    public int Escalated { get; private set; }

    /// <summary>Room for the logits of the largest batch, for <see cref="OodDetector.Score"/>.</summary>
    internal Span<float> Logits => _logits;

    internal bool BelongsTo(Network network) => ReferenceEquals(_network, network);

    /// <summary>Images and logits are dense [N, ...] arrays that the caller has checked.</summary>
    internal void Run(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        _activations.Run(_first, images, batchSize, logits);
        Escalated = _cascade?.AskAgain(images, batchSize, logits) ?? 0;
    }
}
