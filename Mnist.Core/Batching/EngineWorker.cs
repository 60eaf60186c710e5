using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Observability;
using Mnist.Inference.Kernels;

namespace Mnist.Core.Batching;

/// <summary>Computes one batch: images [N,28,28,1] in 0..1 to logits [N,10]. For one caller at a time; it keeps a workspace.</summary>
public delegate void BatchForward(ReadOnlySpan<float> images, int batchSize, Span<float> logits);

/// <summary>Judges images [N,28,28,1] in 0..1 that were read with probabilities [N,10]: [N]. For one caller at a time; it keeps a workspace.</summary>
public delegate void BatchJudge(ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> judgements);

/// <summary>Consecutive images of one request that one worker has taken.</summary>
internal readonly record struct BatchSlice(PendingClassification Pending, int Start, int Count);

/// <summary>The buffers of one engine thread and what it does with a batch.</summary>
/// <param name="index">Which of the model's forward passes and judges is this worker's.</param>
/// <param name="maxBatchSize">Images of the largest batch.</param>
/// <param name="metrics">Receives size and time of each batch.</param>
internal sealed class EngineWorker(int index, int maxBatchSize, ServerMetrics metrics)
{
    private readonly float[] _images = new float[maxBatchSize * DigitImage.PixelCount];   // [N,28,28,1]
    private readonly float[] _outputs = new float[maxBatchSize * Predictions.ClassCount]; // [N,10], first logits, then probabilities
    private readonly OodResult[] _judgements = new OodResult[maxBatchSize];             // [J], of the images that are to be judged
    private readonly List<BatchSlice> _batch = [];
    private int _judged;

    // A Stopwatch timestamp while a batch is computed; 0 in between.
    private long _busySince;

    public int BatchSize { get; private set; }

    public bool IsBusyFor(TimeSpan duration) => Volatile.Read(ref _busySince) is var since and not 0 && Stopwatch.GetElapsedTime(since) > duration;

    /// <summary>Whether the batch may hold images for this version: a batch is computed by one.</summary>
    public bool Takes(DigitModel model) => _batch.Count == 0 || _batch[0].Pending.Model == model;

    public void Add(BatchSlice slice)
    {
        // Images that are to be judged come first: so they are one batch, too.
        bool judged = slice.Pending.OodResults is not null;
        _batch.Insert(judged ? 0 : _batch.Count, slice);
        _judged += judged ? slice.Count : 0;
        BatchSize += slice.Count;
    }

    /// <summary>Computes the batch and completes its requests. An error fails the requests of this batch alone.</summary>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _busySince, start);
        try
        {
            Classify(_batch[0].Pending.Model);
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
        _judged = 0;
        Volatile.Write(ref _busySince, 0);
    }

    private void Classify(DigitModel model)
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

        var outputs = _outputs.AsSpan(0, BatchSize * Predictions.ClassCount);
        model.ForwardOf(index)(_images.AsSpan(0, BatchSize * DigitImage.PixelCount), BatchSize, outputs);
        Softmax.Rows(outputs, Predictions.ClassCount, outputs);
        var judgements = _judgements.AsSpan(0, _judged);
        if (_judged > 0)
        {
            model.JudgeOf(index)(_images.AsSpan(0, _judged * DigitImage.PixelCount), outputs[..(_judged * Predictions.ClassCount)], judgements);
        }

        foreach (var slice in _batch)
        {
            int count = slice.Count * Predictions.ClassCount;
            outputs[..count].CopyTo(slice.Pending.Probabilities.AsSpan(slice.Start * Predictions.ClassCount));
            outputs = outputs[count..];
            if (slice.Pending.OodResults is { } judged)
            {
                judgements[..slice.Count].CopyTo(judged.AsSpan(slice.Start));
                judgements = judgements[slice.Count..];
            }
        }

        foreach (var slice in _batch)
        {
            slice.Pending.Complete(slice.Count);
        }
    }
}
