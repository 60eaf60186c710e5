using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Inference.Kernels;

namespace Mnist.Core.Batching;

/// <summary>The buffers of one engine thread and what it does with a batch.</summary>
/// <param name="index">Which of the model's workspaces is this worker's.</param>
/// <param name="maxBatchSize">Images of the largest batch.</param>
/// <param name="metrics">Receives size and time of each batch.</param>
internal sealed class EngineWorker(int index, int maxBatchSize, ServerMetrics metrics)
{
    private readonly float[] _images = new float[maxBatchSize * DigitImage.PixelCount];   // [N,28,28,1]
    private readonly float[] _outputs = new float[maxBatchSize * Predictions.ClassCount]; // [N,10], first logits, then probabilities
    private readonly OodResult[] _oodResults = new OodResult[maxBatchSize];               // [M], of the first M images, for which they are asked
    private readonly List<Slice> _batch = [];
    private int _oodImages;

    // A Stopwatch timestamp while a batch is computed; 0 in between.
    private long _busySince;

    public int BatchSize { get; private set; }

    public bool IsBusyFor(TimeSpan duration) => Volatile.Read(ref _busySince) is var since and not 0 && Stopwatch.GetElapsedTime(since) > duration;

    /// <summary>Whether the batch may hold images for this version: a batch is computed by one.</summary>
    public bool Takes(DigitModel model) => _batch.Count == 0 || _batch[0].Request.Model == model;

    public void Add(Slice slice)
    {
        // Images for the out-of-distribution detector come first, so that they are one contiguous batch, too.
        bool detectOod = slice.Request.OodResults is not null;
        _batch.Insert(detectOod ? 0 : _batch.Count, slice);
        _oodImages += detectOod ? slice.Count : 0;
        BatchSize += slice.Count;
    }

    /// <summary>Computes the batch and completes its requests. An exception fails the requests of this batch alone.</summary>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _busySince, start);
        try
        {
            Classify(_batch[0].Request.Model);
            metrics.RecordBatch(BatchSize, Stopwatch.GetElapsedTime(start));
        }
#pragma warning disable CA1031 // Whatever went wrong is reported to the requests of this batch; the worker goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var slice in _batch)
            {
                slice.Request.Fail(exception);
            }
        }

        _batch.Clear();
        BatchSize = 0;
        _oodImages = 0;
        Volatile.Write(ref _busySince, 0);
    }

    private void Classify(DigitModel model)
    {
        var destination = _images.AsSpan();
        foreach (var slice in _batch)
        {
            for (int i = 0; i < slice.Count; i++)
            {
                InputScale.ToFloat(slice.Request.Images[slice.Start + i].Pixels, destination[..DigitImage.PixelCount]);
                destination = destination[DigitImage.PixelCount..];
            }
        }

        var outputs = _outputs.AsSpan(0, BatchSize * Predictions.ClassCount);
        model.Classify(index, _images.AsSpan(0, BatchSize * DigitImage.PixelCount), BatchSize, outputs);
        Softmax.Rows(outputs, Predictions.ClassCount, outputs);
        var oodResults = _oodResults.AsSpan(0, _oodImages);
        if (_oodImages > 0)
        {
            model.DetectOod(index, _images.AsSpan(0, _oodImages * DigitImage.PixelCount), outputs[..(_oodImages * Predictions.ClassCount)], oodResults);
        }

        foreach (var slice in _batch)
        {
            int count = slice.Count * Predictions.ClassCount;
            outputs[..count].CopyTo(slice.Request.Probabilities.AsSpan(slice.Start * Predictions.ClassCount));
            outputs = outputs[count..];
            if (slice.Request.OodResults is { } requestResults)
            {
                oodResults[..slice.Count].CopyTo(requestResults.AsSpan(slice.Start));
                oodResults = oodResults[slice.Count..];
            }
        }

        foreach (var slice in _batch)
        {
            slice.Request.Complete(slice.Count);
        }
    }

    /// <summary>Consecutive images of one request that the worker has taken.</summary>
    public readonly record struct Slice(QueuedRequest Request, int Start, int Count);
}
