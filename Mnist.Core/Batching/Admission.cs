namespace Mnist.Core.Batching;

/// <summary>
/// Decides, before a body is read, whether a request may come in. It counts images, not calls: one place knows how full the server
/// is, and memory and waiting time are bounded by it.
/// </summary>
public sealed class Admission(MnistOptions options)
{
    /// <summary>A digit as a PNG, in base64 with its JSON around it, is about this long.</summary>
    private const int TypicalBytesPerImage = 512;

    /// <summary>The longest that an image of the contract can be on the wire; a photo takes the room of as many as it is long.</summary>
    private const int MostBytesPerImage = 24 * 1024;

    private int _inFlight;
    private volatile bool _isClosed;

    /// <summary>Images that are being read, decoded, queued or computed.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether the server is stopping: what is inside is finished, nothing new comes in.</summary>
    public bool IsClosed => _isClosed;

    public void Close() => _isClosed = true;

    /// <summary>
    /// Makes room for a request whose body is not read yet; null when there is none. The number of images is not known before
    /// the body is, so it is guessed from the body's length, at most a full request or what takes as much memory;
    /// <see cref="Reservation.TryResize"/> corrects it.
    /// </summary>
    public Reservation? TryEnter(long? bodyLength)
    {
        int images = bodyLength is { } length
            ? (int)Math.Max(
                length / MostBytesPerImage, Math.Clamp((length + TypicalBytesPerImage - 1) / TypicalBytesPerImage, 1, options.MaxImagesPerRequest))
            : options.MaxImagesPerRequest;
        return !_isClosed && TryAdd(images) ? new Reservation(this, images) : null;
    }

    internal bool TryAdd(int images)
    {
        int current = InFlight;
        while (current + images <= options.MaxImagesInFlight)
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

    internal void Remove(int images) => Interlocked.Add(ref _inFlight, -images);
}
