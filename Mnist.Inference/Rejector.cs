namespace Mnist.Inference;

/// <summary>Tells digits from other images.</summary>
/// <param name="Network">Reads the same images; its logits have a score (see <see cref="RejectRule.Score"/>).</param>
/// <param name="Rule">When an image is refused.</param>
public sealed record Rejector(Network Network, RejectRule Rule);
