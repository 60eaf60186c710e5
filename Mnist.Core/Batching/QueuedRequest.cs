using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Models;
using Mnist.Core.Requests;

namespace Mnist.Core.Batching;

/// <summary>One request in the queue. Workers may take its images in several slices; the last one completes it.</summary>
internal sealed class QueuedRequest
{
    // Otherwise a worker would run the continuation, and so write the response itself.
    private readonly TaskCompletionSource<Predictions> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _queuedAt = Stopwatch.GetTimestamp();
    private readonly Deadline _deadline;
    private readonly CancellationToken _abandoned;
    private int _missing;

    /// <param name="images">At least one.</param>
    /// <param name="detectOod">Whether to decide which images are digits; only where the version can.</param>
    /// <param name="model">The version that computes all of them.</param>
    /// <param name="deadline">How long the answer is worth waiting for.</param>
    /// <param name="abandoned">Cancelled when the client has gone.</param>
    public QueuedRequest(IReadOnlyList<DigitImage> images, bool detectOod, DigitModel model, Deadline deadline, CancellationToken abandoned)
    {
        Images = images;
        Model = model;
        Probabilities = new float[images.Count * Predictions.ClassCount];
        OodResults = detectOod ? new OodResult[images.Count] : null;
        Node = new LinkedListNode<QueuedRequest>(this);
        _deadline = deadline;
        _abandoned = abandoned;
        _missing = images.Count;
    }

    public IReadOnlyList<DigitImage> Images { get; }

    public DigitModel Model { get; }

    /// <summary>[N,10]; each worker writes the rows of the images it took.</summary>
    public float[] Probabilities { get; }

    /// <summary>[N], likewise; null where they are not asked for.</summary>
    public OodResult[]? OodResults { get; }

    /// <summary>Its node in the queue; guarded by the queue's lock, as are <see cref="Taken"/> and <see cref="TakenAt"/>.</summary>
    public LinkedListNode<QueuedRequest> Node { get; }

    /// <summary>Images that workers have taken.</summary>
    public int Taken { get; private set; }

    /// <summary>When the first image was taken.</summary>
    public long TakenAt { get; private set; }

    public int Waiting => Images.Count - Taken;

    public Task<Predictions> Completion => _completion.Task;

    public bool IsAbandoned => _abandoned.IsCancellationRequested || _completion.Task.IsCompleted;

    public bool IsExpired(long now) => _deadline.IsBefore(now);

    public void Take(int images, long now)
    {
        TakenAt = Taken == 0 ? now : TakenAt;
        Taken += images;
    }

    public void Complete(int images)
    {
        if (Interlocked.Add(ref _missing, -images) == 0)
        {
            _completion.TrySetResult(new Predictions(Probabilities, OodResults)
            {
                ModelVersion = Model.Version,
                QueueTime = Stopwatch.GetElapsedTime(_queuedAt, TakenAt),
                InferenceTime = Stopwatch.GetElapsedTime(TakenAt),
            });
        }
    }

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
