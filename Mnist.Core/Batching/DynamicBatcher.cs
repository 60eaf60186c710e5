using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Observability;

namespace Mnist.Core.Batching;

/// <summary>
/// Brings requests and engine workers together. There is no timer: a worker that becomes free takes what is waiting, and while it
/// computes, the next batch gathers by itself. Its caller bounds the queue (see <see cref="Admission"/>).
/// </summary>
public sealed class DynamicBatcher
{
    /// <summary>A worker leaves images to an idle neighbour only beyond this many: to wake a thread costs as much as to compute a few.</summary>
    private const int MinimumShare = 8;

    private readonly MnistOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly List<EngineWorker> _engineWorkers;
    private readonly Task _workers;

    private readonly object _gate = new();
    private readonly LinkedList<PendingClassification> _queue = [];
    private int _waitingImages;
    private int _idleWorkers;
    private bool _isStopping;
    private DigitModel _model;

    /// <summary>Starts the workers.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="model">The version to begin with.</param>
    /// <param name="metrics">Receives what is worth knowing.</param>
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
    public int WaitingImages
    {
        get
        {
            lock (_gate)
            {
                return _waitingImages;
            }
        }
    }

    /// <summary>Gives new requests another version; those that are queued are answered by the one they came for.</summary>
    /// <returns>The version before.</returns>
    public DigitModel Swap(DigitModel model) => Interlocked.Exchange(ref _model, model);

    /// <summary>Classifies the images of one request, all by the same version.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="reject">Whether to tell which images are no digits (see <see cref="Predictions.OodResults"/>).</param>
    /// <param name="timeout">How long the answer is worth waiting for.</param>
    /// <param name="cancellationToken">Set when nobody waits for the answer.</param>
    /// <param name="model">The version; null for the one that new requests get.</param>
    /// <exception cref="DeadlineExceededException">The time has passed; what was not computed by then never will be.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more, or the batcher has stopped.</exception>
    public async Task<Predictions> ClassifyAsync(IReadOnlyList<DigitImage> images, bool reject, TimeSpan timeout, CancellationToken cancellationToken, DigitModel? model = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        if (timeout <= TimeSpan.Zero)
        {
            throw new DeadlineExceededException("The time to answer had passed before the request was queued.");
        }

        using var activity = Tracing.Source.StartActivity("classify");
        long now = Stopwatch.GetTimestamp();
        long deadline = now + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
        var pending = new PendingClassification(images, reject, model ?? Model, now, deadline, cancellationToken);
        Enqueue(pending);
        try
        {
            var predictions = await pending.Completion.WaitAsync(timeout, cancellationToken);
            _metrics.RecordQueue(predictions.QueueTime);
            activity?.SetTag("mnist.images", images.Count).SetTag("mnist.model.version", predictions.ModelVersion)
                .SetTag("mnist.queue.seconds", predictions.QueueTime.TotalSeconds).SetTag("mnist.inference.seconds", predictions.InferenceTime.TotalSeconds);
            return predictions;
        }
        catch (TimeoutException exception)
        {
            throw new DeadlineExceededException($"The request was not classified within {timeout.TotalSeconds} s.", exception);
        }
        finally
        {
            Withdraw(pending);
        }
    }

    /// <summary>Takes nothing new, finishes what is queued, ends the workers.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        return _workers;
    }

    private void Enqueue(PendingClassification pending)
    {
        lock (_gate)
        {
            if (_isStopping)
            {
                throw new OperationCanceledException("The batcher has stopped.");
            }

            _queue.AddLast(pending.Node);
            _waitingImages += pending.Waiting;
            if (pending.Waiting > MinimumShare)
            {
                Monitor.PulseAll(_gate);
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Withdraw(PendingClassification pending)
    {
        lock (_gate)
        {
            if (pending.Node.List is not null)
            {
                _queue.Remove(pending.Node);
                _waitingImages -= pending.Waiting;
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

    /// <summary>Fills the worker's batch; false when there is nothing left to do and never will be.</summary>
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
        int share = Math.Max(MinimumShare, (_waitingImages + sharers - 1) / sharers);
        int room = Math.Min(share, _options.MaxBatchSize);
        long now = Stopwatch.GetTimestamp();
        while (room > 0 && _queue.First?.Value is { } pending)
        {
            if (pending.IsAbandoned || pending.IsExpired(now))
            {
                // Whoever waited is told by the wait itself.
                Withdraw(pending);
                continue;
            }

            if (!worker.Takes(pending.Model))
            {
                break;
            }

            int count = Math.Min(room, pending.Waiting);
            worker.Add(new BatchSlice(pending, pending.Taken, count));
            room -= count;
            pending.Take(count, now);
            _waitingImages -= count;
            if (pending.Waiting == 0)
            {
                _queue.Remove(pending.Node);
            }
        }
    }
}
