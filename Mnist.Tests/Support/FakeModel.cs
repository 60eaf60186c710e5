using Mnist.Core.Models;

namespace Mnist.Tests.Support;

/// <summary>Computes logits [N,10] of images [N,28,28,1].</summary>
internal delegate void ForwardFunction(ReadOnlySpan<float> images, int batchSize, Span<float> logits);

/// <summary>Decides which of images [N,28,28,1] with probabilities [N,10] are digits.</summary>
internal delegate void OodFunction(ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> results);

/// <summary>A model that a test controls; every worker calls the same functions.</summary>
internal sealed class FakeModel(string version, ForwardFunction forward, OodFunction? detectOod = null) : DigitModel(version)
{
    public override bool HasOodDetector => detectOod is not null;

    public override void Classify(int worker, ReadOnlySpan<float> images, int batchSize, Span<float> logits) => forward(images, batchSize, logits);

    public override void DetectOod(int worker, ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> results) =>
        detectOod!(images, probabilities, results);
}
