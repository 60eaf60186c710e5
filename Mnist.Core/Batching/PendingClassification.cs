using System.Diagnostics;
using Mnist.Core.Imaging;

namespace Mnist.Core.Batching;

/// <summary>One request in the queue. Workers may take its images in several pieces; the last one completes it.</summary>
internal sealed class PendingClassification
{
    // Without asynchronous continuations a worker would write the response itself.
    private readonly TaskCompletionSource<Predictions> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _queuedAt;
    private readonly long _deadline;
    private readonly CancellationToken _abandoned;
    private int _missing;

    /// <param name="images">At least one.</param>
    /// <param name="reject">Whether to tell which images are no digits, if the version can.</param>
    /// <param name="model">The version that computes all of them.</param>
    /// <param name="queuedAt">Now, as a <see cref="Stopwatch"/> timestamp.</param>
    /// <param name="deadline">When the answer is worth nothing any more, likewise.</param>
    /// <param name="abandoned">Set when nobody waits for the answer.</param>
    public PendingClassification(IReadOnlyList<DigitImage> images, bool reject, DigitModel model, long queuedAt, long deadline, CancellationToken abandoned)
    {
        Images = images;
        Model = model;
        Probabilities = new float[images.Count * Predictions.ClassCount];
        OodResults = reject && model.CanReject ? new OodResult[images.Count] : null;
        Node = new LinkedListNode<PendingClassification>(this);
        _queuedAt = queuedAt;
        _deadline = deadline;
        _abandoned = abandoned;
        _missing = images.Count;
    }

    public IReadOnlyList<DigitImage> Images { get; }

    public DigitModel Model { get; }

    /// <summary>[N,10]; each worker writes the rows of the images it took.</summary>
    public float[] Probabilities { get; }

    /// <summary>[N], likewise; null where they are not asked for, or the version has none.</summary>
    public OodResult[]? OodResults { get; }

    /// <summary>Its place in the queue; guarded by the queue's lock, as are <see cref="Taken"/> and <see cref="TakenAt"/>.</summary>
    public LinkedListNode<PendingClassification> Node { get; }

    /// <summary>Images that workers have taken.</summary>
    public int Taken { get; private set; }

    /// <summary>When the first image was taken.</summary>
    public long TakenAt { get; private set; }

    public int Waiting => Images.Count - Taken;

    public Task<Predictions> Completion => _completion.Task;

    public bool IsAbandoned => _abandoned.IsCancellationRequested || _completion.Task.IsCompleted;

    public bool IsExpired(long now) => now > _deadline;

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
