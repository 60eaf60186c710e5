using Mnist.Core.Imaging;
using Mnist.Inference;

namespace Mnist.Core.Batching;

/// <summary>Computes one batch: images [N,28,28,1] in 0..1 to logits [N,10]. For one caller at a time; it keeps a workspace.</summary>
public delegate void BatchForward(ReadOnlySpan<float> images, int batchSize, Span<float> logits);

/// <summary>Consecutive images of one request that one worker has taken.</summary>
internal readonly record struct BatchSlice(PendingClassification Pending, int Start, int Count);

/// <summary>The buffers of one engine thread and what it does with a batch.</summary>
internal sealed class EngineWorker(int maxBatchSize, BatchForward forward)
{
    private readonly float[] _images = new float[maxBatchSize * DigitImage.PixelCount];   // [N,28,28,1]
    private readonly float[] _logits = new float[maxBatchSize * Predictions.ClassCount];  // [N,10]
    private readonly List<BatchSlice> _batch = [];

    public int BatchSize { get; private set; }

    public void Add(BatchSlice slice)
    {
        _batch.Add(slice);
        BatchSize += slice.Count;
    }

    /// <summary>Computes the batch and completes its requests. An error fails the requests of this batch alone.</summary>
    public void Run()
    {
        try
        {
            Classify();
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the requests of this batch: the worker lives on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var slice in _batch)
            {
                slice.Pending.Fail(exception);
            }
        }

        _batch.Clear();
        BatchSize = 0;
    }

    private void Classify()
    {
        var destination = _images.AsSpan();
        foreach (var slice in _batch)
        {
            for (int i = 0; i < slice.Count; i++)
            {
                InputScale.ToFloat(slice.Pending.Images[slice.Start + i].Pixels, destination[..DigitImage.PixelCount]);
                destination = destination[DigitImage.PixelCount..];
            }
        }

        var logits = _logits.AsSpan(0, BatchSize * Predictions.ClassCount);
        forward(_images.AsSpan(0, BatchSize * DigitImage.PixelCount), BatchSize, logits);
        foreach (var slice in _batch)
        {
            int count = slice.Count * Predictions.ClassCount;
            var rows = slice.Pending.Probabilities.AsSpan(slice.Start * Predictions.ClassCount, count);
            Softmax.Rows(logits[..count], Predictions.ClassCount, rows);
            logits = logits[count..];
        }

        foreach (var slice in _batch)
        {
            slice.Pending.Complete(slice.Count);
        }
    }
}
