using Mnist.Core.Imaging;

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
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Task _workers;

    private readonly object _gate = new();
    private readonly LinkedList<PendingClassification> _queue = [];
    private int _waitingImages;
    private int _idleWorkers;
    private bool _isStopping;

    /// <summary>Starts the workers.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="createForward">Called once for each worker, with the largest batch size: every worker has its own workspace.</param>
    public DynamicBatcher(MnistOptions options, Func<int, BatchForward> createForward)
    {
        _options = options;
        var workers = Enumerable.Range(0, options.Workers).Select(_ => new EngineWorker(options.MaxBatchSize, createForward(options.MaxBatchSize))).ToList();

        // LongRunning: a thread of its own, so that a starved thread pool cannot stop the engine.
        _workers = Task.WhenAll(workers.Select(worker =>
            Task.Factory.StartNew(() => Work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

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

    /// <summary>Classifies the images of one request.</summary>
    /// <exception cref="DeadlineExceededException">The deadline passed; what was not computed by then never will be.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more, or the batcher has stopped.</exception>
    public async Task<Predictions> ClassifyAsync(IReadOnlyList<DigitImage> images, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        long deadline = _time.GetTimestamp() + (long)(_options.Deadline.TotalSeconds * _time.TimestampFrequency);
        var pending = new PendingClassification(images, deadline, cancellationToken);
        Enqueue(pending);
        try
        {
            return await pending.Completion.WaitAsync(_options.Deadline, _time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new DeadlineExceededException($"The request was not classified within {_options.Deadline.TotalSeconds} s.", exception);
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
        long now = _time.GetTimestamp();
        while (room > 0 && _queue.First?.Value is { } pending)
        {
            if (pending.IsAbandoned || pending.IsExpired(now))
            {
                // Whoever waited is told by the wait itself.
                Withdraw(pending);
                continue;
            }

            int count = Math.Min(room, pending.Waiting);
            worker.Add(new BatchSlice(pending, pending.Taken, count));
            room -= count;
            pending.Taken += count;
            _waitingImages -= count;
            if (pending.Waiting == 0)
            {
                _queue.Remove(pending.Node);
            }
        }
    }
}
