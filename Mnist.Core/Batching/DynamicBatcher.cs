using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Core.Batching;

/// <summary>
/// Queues requests for the engine workers. There is no timer: a worker that becomes free takes all images in the queue, up to the largest batch, and
/// while it computes, the next batch gathers. Admission bounds the queue.
/// </summary>
public sealed class DynamicBatcher
{
    /// <summary>A worker leaves images to an idle worker only beyond this many: waking a thread costs as much as computing a few.</summary>
    private const int MinimumShare = 8;

    private readonly MnistOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly List<EngineWorker> _engineWorkers;
    private readonly Task _workers;

    private readonly object _gate = new();
    private readonly LinkedList<QueuedRequest> _queue = [];
    private int _queuedImages;
    private int _idleWorkers;
    private bool _isStopping;
    private DigitModel _model;

    /// <summary>Starts the workers.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="model">The first version of the model.</param>
    /// <param name="metrics">Receives queueing times and batches.</param>
    public DynamicBatcher(MnistOptions options, DigitModel model, ServerMetrics metrics)
    {
        _options = options;
        _model = model;
        _metrics = metrics;
        _engineWorkers = [.. Enumerable.Range(0, options.Workers).Select(index => new EngineWorker(index, options.MaxBatchSize, metrics))];

        // LongRunning: a thread of its own, so that a starved thread pool cannot stop the engine.
        _workers = Task.WhenAll(_engineWorkers.Select(worker =>
            Task.Factory.StartNew(() => Work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    /// <summary>The version that new requests get.</summary>
    public DigitModel Model => Volatile.Read(ref _model);

    /// <summary>Workers whose batch takes longer than <see cref="MnistOptions.StallTimeout"/>.</summary>
    public int StuckWorkers => _engineWorkers.Count(worker => worker.IsBusyFor(_options.StallTimeout));

    /// <summary>Images in the queue that no worker has taken.</summary>
    public int QueuedImages
    {
        get
        {
            lock (_gate)
            {
                return _queuedImages;
            }
        }
    }

    /// <summary>Changes the version that new requests get; queued requests keep theirs.</summary>
    /// <returns>The previous version.</returns>
    public DigitModel Swap(DigitModel model) => Interlocked.Exchange(ref _model, model);

    /// <summary>Classifies the images of one request, all by the same version.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="detectOod">Whether to decide which images are digits (see <see cref="Predictions.OodResults"/>).</param>
    /// <param name="model">The version: <see cref="Model"/>, or the one that earlier parts of the same request got.</param>
    /// <param name="deadline">How long the answer is worth waiting for.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <exception cref="DeadlineExceededException">The deadline passed; what was not computed by then never is.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the batcher has stopped.</exception>
    public async Task<Predictions> ClassifyAsync(
        IReadOnlyList<DigitImage> images, bool detectOod, DigitModel model, Deadline deadline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        var remaining = deadline.Remaining;
        if (remaining <= TimeSpan.Zero)
        {
            throw new DeadlineExceededException("The deadline passed before the request was queued.");
        }

        using var activity = ServerMetrics.Spans.StartActivity("classify");
        var queued = new QueuedRequest(images, detectOod, model, deadline, cancellationToken);
        Enqueue(queued);
        try
        {
            var predictions = await queued.Completion.WaitAsync(remaining, cancellationToken);
            _metrics.RecordQueue(predictions.QueueTime);
            activity?.SetTag("mnist.images", images.Count).SetTag("mnist.model.version", predictions.ModelVersion)
                .SetTag("mnist.queue.seconds", predictions.QueueTime.TotalSeconds).SetTag("mnist.inference.seconds", predictions.InferenceTime.TotalSeconds);
            return predictions;
        }
        catch (TimeoutException exception)
        {
            throw new DeadlineExceededException("The deadline passed before the request was classified.", exception);
        }
        finally
        {
            Withdraw(queued);
        }
    }

    /// <summary>Accepts no new requests, finishes the queued ones and ends the workers.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        return _workers;
    }

    private void Enqueue(QueuedRequest request)
    {
        lock (_gate)
        {
            if (_isStopping)
            {
                throw new OperationCanceledException("The batcher has stopped.");
            }

            _queue.AddLast(request.Node);
            _queuedImages += request.Waiting;
            if (request.Waiting > MinimumShare)
            {
                Monitor.PulseAll(_gate);
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Withdraw(QueuedRequest request)
    {
        lock (_gate)
        {
            if (request.Node.List is not null)
            {
                _queue.Remove(request.Node);
                _queuedImages -= request.Waiting;
            }
        }
    }

    private void Work(EngineWorker worker)
    {
        while (WaitForBatch(worker))
        {
            worker.Run();
        }
    }

    /// <summary>Fills the worker's batch; false when the batcher has stopped and the queue is empty.</summary>
    private bool WaitForBatch(EngineWorker worker)
    {
        lock (_gate)
        {
            while (true)
            {
                TakeShare(worker);
                if (worker.BatchSize > 0)
                {
                    return true;
                }

                if (_isStopping)
                {
                    return false;
                }

                _idleWorkers++;
                Monitor.Wait(_gate);
                _idleWorkers--;
            }
        }
    }

    private void TakeShare(EngineWorker worker)
    {
        int sharers = 1 + _idleWorkers;
        int share = Math.Max(MinimumShare, (_queuedImages + sharers - 1) / sharers);
        int free = Math.Min(share, _options.MaxBatchSize);
        long now = Stopwatch.GetTimestamp();
        while (free > 0 && _queue.First?.Value is { } request)
        {
            if (request.IsAbandoned || request.IsExpired(now))
            {
                // Its caller already observes the timeout or cancellation.
                Withdraw(request);
                continue;
            }

            if (!worker.Takes(request.Model))
            {
                break;
            }

            int count = Math.Min(free, request.Waiting);
            worker.Add(new EngineWorker.Slice(request, request.Taken, count));
            free -= count;
            request.Take(count, now);
            _queuedImages -= count;
            if (request.Waiting == 0)
            {
                _queue.Remove(request.Node);
            }
        }
    }
}
