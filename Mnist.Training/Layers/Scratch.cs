using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>Working memory that all layers of a shard share, because they run one after the other.</summary>
internal sealed class Scratch
{
    private AlignedBuffer _buffer = new(0);

    public Span<float> Span => _buffer.Span;

    /// <summary>Grows the memory to at least <paramref name="length"/> values.</summary>
    public void Reserve(int length)
    {
        if (length > _buffer.Length)
        {
            _buffer = new AlignedBuffer(length);
        }
    }
}
