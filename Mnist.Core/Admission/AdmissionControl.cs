using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Core.Admission;

/// <summary>
/// Decides, before a body is read, whether a request is admitted. It counts images in flight, not calls, and so bounds memory and waiting time.
/// </summary>
public sealed class AdmissionControl(MnistOptions options)
{
    private int _inFlight;
    private int _inSlowUploads;
    private volatile bool _isDraining;
    private volatile bool _isClosed;

    /// <summary>Images that are being received, decoded, queued or computed.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether the server is about to stop: requests are still admitted, but load balancers should choose another server.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Whether the server is stopping: admitted requests are finished, no other is admitted.</summary>
    public bool IsClosed => _isClosed;

    public void BeginDrain() => _isDraining = true;

    public void Close()
    {
        _isDraining = true;
        _isClosed = true;
    }

    /// <summary>
    /// Admits a request whose body is unread. The number of its images is estimated from the length of the body;
    /// <see cref="AdmissionLease.TryResize"/> corrects it.
    /// </summary>
    /// <param name="kind">What the images are.</param>
    /// <param name="bodyLength">Content-Length; null where the client does not say.</param>
    /// <returns>Null where the server is full or closed.</returns>
    public AdmissionLease? TryAdmit(RequestKind kind, long? bodyLength)
    {
        ArgumentNullException.ThrowIfNull(kind);
        int images = kind.Cost(bodyLength, options);
        return !_isClosed && TryAdd(images, kind.Capacity(options)) ? new AdmissionLease(this, kind, images) : null;
    }

    /// <summary>
    /// Images of a request whose body is known. Photos keep what their bytes cost until they are answered, and no request costs more than the whole capacity.
    /// </summary>
    internal int CostOf(RequestKind kind, int images, int bodyCost)
    {
        int count = Math.Min(images, options.MaxImagesInFlight);
        return kind.IsPhoto ? Math.Max(count, bodyCost) : count;
    }

    internal bool TryAdd(int images) => TryAdd(images, options.MaxImagesInFlight);

    internal void Remove(int images) => Interlocked.Add(ref _inFlight, -images);

    /// <summary>However small the capacity is, one upload may always be slow; together they hold at most half of it.</summary>
    internal bool TryAddSlowUpload(int images)
    {
        int all = Interlocked.Add(ref _inSlowUploads, images);
        if (all == images || all <= options.MaxImagesInFlight / 2)
        {
            return true;
        }

        RemoveSlowUpload(images);
        return false;
    }

    internal void RemoveSlowUpload(int images) => Interlocked.Add(ref _inSlowUploads, -images);

    private bool TryAdd(int images, int capacity)
    {
        int current = InFlight;
        while (current + images <= capacity)
        {
            int seen = Interlocked.CompareExchange(ref _inFlight, current + images, current);
            if (seen == current)
            {
                return true;
            }

            current = seen;
        }

        return false;
    }
}
