using Mnist.Core.Imaging;

namespace Mnist.Core.Batching;

/// <summary>One request in the queue. Workers may take its images in several pieces; the last one completes it.</summary>
internal sealed class PendingClassification
{
    // Without asynchronous continuations a worker would write the response itself.
    private readonly TaskCompletionSource<Predictions> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _deadline;
    private readonly CancellationToken _abandoned;
    private int _missing;

    /// <param name="images">At least one.</param>
    /// <param name="deadline">A <see cref="TimeProvider"/> timestamp.</param>
    /// <param name="abandoned">Set when nobody waits for the answer.</param>
    public PendingClassification(IReadOnlyList<DigitImage> images, long deadline, CancellationToken abandoned)
    {
        Images = images;
        Probabilities = new float[images.Count * Predictions.ClassCount];
        Node = new LinkedListNode<PendingClassification>(this);
        _deadline = deadline;
        _abandoned = abandoned;
        _missing = images.Count;
    }

    public IReadOnlyList<DigitImage> Images { get; }

    /// <summary>[N,10]; each worker writes the rows of the images it took.</summary>
    public float[] Probabilities { get; }

    /// <summary>Its place in the queue; guarded by the queue's lock, as is <see cref="Taken"/>.</summary>
    public LinkedListNode<PendingClassification> Node { get; }

    /// <summary>Images that workers have taken.</summary>
    public int Taken { get; set; }

    public int Waiting => Images.Count - Taken;

    public Task<Predictions> Completion => _completion.Task;

    public bool IsAbandoned => _abandoned.IsCancellationRequested || _completion.Task.IsCompleted;

    public bool IsExpired(long now) => now > _deadline;

    public void Complete(int images)
    {
        if (Interlocked.Add(ref _missing, -images) == 0)
        {
            _completion.TrySetResult(new Predictions(Probabilities));
        }
    }

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
