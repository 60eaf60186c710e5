using Mnist.Inference.Model;

namespace Mnist.Inference;

/// <summary>
/// Out-of-distribution (OOD) detector: a small network of two classes, digit and other, and the rule that decides. Immutable and safe for many
/// threads, each with a <see cref="Workspace"/> of its own.
/// </summary>
public sealed class OodDetector
{
    internal OodDetector(Network network, OodRule rule)
    {
        Network = network;
        Rule = rule;
    }

    /// <summary>The network; it reads the same images as the network that classifies digits.</summary>
    public Network Network { get; }

    /// <summary>When an image counts as a digit.</summary>
    public OodRule Rule { get; }

    /// <summary>Memory for one caller of <see cref="Score"/>.</summary>
    /// <inheritdoc cref="Network.CreateWorkspace"/>
    public Workspace CreateWorkspace(int maxBatchSize) => Network.CreateWorkspace(maxBatchSize);

    /// <summary>OOD scores of a batch, for <see cref="OodRule.Decide"/>. Allocates nothing. An image gets the same bits at every index of every batch.</summary>
    /// <param name="images">[N, H, W, C], values 0 to 1.</param>
    /// <param name="batchSize">N, from 1 to the workspace's <see cref="Workspace.MaxBatchSize"/>.</param>
    /// <param name="workspace">Made by <see cref="CreateWorkspace"/> of this detector.</param>
    /// <param name="scores">Receives [N]: log-odds that an image is a digit, see <see cref="OodRule.Score"/>.</param>
    /// <exception cref="ArgumentException">A length, the batch size or the workspace does not match.</exception>
    public void Score(ReadOnlySpan<float> images, int batchSize, Workspace workspace, Span<double> scores)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfLessThan(scores.Length, batchSize, nameof(scores));
        var logits = workspace.Logits;
        Network.Forward(images, batchSize, workspace, logits);
        for (int i = 0; i < batchSize; i++)
        {
            scores[i] = OodRule.Score(logits.Slice(i * OodWeights.ClassCount, OodWeights.ClassCount));
        }
    }
}
