using Mnist.Inference.Model;

namespace Mnist.Inference;

/// <summary>Tells digits from other images.</summary>
/// <param name="Network">Reads the same images; its logits have a score (see <see cref="OodRule.Score"/>).</param>
/// <param name="Rule">When an image is refused.</param>
public sealed record OodDetector(Network Network, OodRule Rule);
