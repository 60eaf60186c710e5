namespace Mnist.Core.Models;

/// <summary>One version of the model: what computes batches of 28x28 images, with memory of its own for each engine worker.</summary>
/// <param name="version">Name of the version.</param>
public abstract class DigitModel(string version)
{
    /// <summary>The beginning of the SHA-256 of the weights file.</summary>
    public string Version { get; } = version;

    /// <summary>Whether it can score how much an image looks like a digit.</summary>
    public abstract bool HasOodDetector { get; }

    /// <summary>Computes logits.</summary>
    /// <param name="worker">Index of the calling worker; each calls from one thread at a time.</param>
    /// <param name="images">[N,28,28,1], 0 to 1.</param>
    /// <param name="batchSize">N.</param>
    /// <param name="logits">Receives [N,10].</param>
    public abstract void Classify(int worker, ReadOnlySpan<float> images, int batchSize, Span<float> logits);

    /// <summary>Decides which images are digits. Only where <see cref="HasOodDetector"/>.</summary>
    /// <param name="worker">Index of the calling worker; each calls from one thread at a time.</param>
    /// <param name="images">[N,28,28,1], 0 to 1.</param>
    /// <param name="probabilities">[N,10]: what they were classified as.</param>
    /// <param name="results">Receives [N].</param>
    public abstract void DetectOod(int worker, ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> results);
}
