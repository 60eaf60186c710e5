using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Observability;
using Mnist.Inference;

namespace Mnist.Core.Batching;

/// <summary>Computes one batch: images [N,28,28,1] in 0..1 to logits [N,10]. For one caller at a time; it keeps a workspace.</summary>
public delegate void BatchForward(ReadOnlySpan<float> images, int batchSize, Span<float> logits);

/// <summary>Consecutive images of one request that one worker has taken.</summary>
internal readonly record struct BatchSlice(PendingClassification Pending, int Start, int Count);

/// <summary>The buffers of one engine thread and what it does with a batch.</summary>
/// <param name="index">Which of the model's forward passes is this worker's.</param>
/// <param name="maxBatchSize">Images of the largest batch.</param>
/// <param name="metrics">Receives size and time of each batch.</param>
internal sealed class EngineWorker(int index, int maxBatchSize, ServerMetrics metrics)
{
    private readonly float[] _images = new float[maxBatchSize * DigitImage.PixelCount];   // [N,28,28,1]
    private readonly float[] _logits = new float[maxBatchSize * Predictions.ClassCount];  // [N,10]
    private readonly List<BatchSlice> _batch = [];

    // A Stopwatch timestamp while a batch is computed; 0 in between.
    private long _busySince;

    public int BatchSize { get; private set; }

    public bool IsBusyFor(TimeSpan duration) => Volatile.Read(ref _busySince) is var since and not 0 && Stopwatch.GetElapsedTime(since) > duration;

    /// <summary>Whether the batch may hold images for this version: a batch is computed by one.</summary>
    public bool Takes(ServedModel model) => _batch.Count == 0 || _batch[0].Pending.Model == model;

    public void Add(BatchSlice slice)
    {
        _batch.Add(slice);
        BatchSize += slice.Count;
    }

    /// <summary>Computes the batch and completes its requests. An error fails the requests of this batch alone.</summary>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _busySince, start);
        try
        {
            Classify(_batch[0].Pending.Model.ForwardOf(index));
            metrics.RecordBatch(BatchSize, Stopwatch.GetElapsedTime(start));
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
        Volatile.Write(ref _busySince, 0);
    }

    private void Classify(BatchForward forward)
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
