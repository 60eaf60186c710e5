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
    private int _lingering;
    private volatile bool _isDraining;
    private volatile bool _isClosed;

    /// <summary>Images that are being read, decoded, queued or computed.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Whether the server is about to stop: requests still come in, but those who choose a server should choose another.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Whether the server is stopping: what is inside is finished, nothing new comes in.</summary>
    public bool IsClosed => _isClosed;

    public void BeginDrain() => _isDraining = true;

    public void Close()
    {
        _isDraining = true;
        _isClosed = true;
    }

    /// <summary>
    /// Makes room for a request whose body is not read yet; null when there is none. The number of images is not known before
    /// the body is, so it is guessed from the body's length, at most a full request; <see cref="AdmissionLease.TryResize"/> corrects it.
    /// </summary>
    public AdmissionLease? TryEnter(long? bodyLength) => TryEnter(Guess(bodyLength), options.MaxImagesInFlight);

    /// <summary>Whether <see cref="TryEnter(long?)"/> would make room now.</summary>
    public bool HasRoomFor(long? bodyLength) => !_isClosed && InFlight + Guess(bodyLength) <= options.MaxImagesInFlight;

    /// <summary>
    /// The same for a request of photos, each of which takes the room of as many images as it is long. They leave half of all room to others: a few
    /// that arrive slowly must not make the server full.
    /// </summary>
    public AdmissionLease? TryEnterPhotos(long bodyLength)
    {
        int room = (options.MaxImagesInFlight + 1) / 2;
        long images = Math.Max(bodyLength / MostBytesPerImage, Guess(bodyLength));

        // However small the room is, the longest request comes in when nothing else is there.
        return TryEnter((int)Math.Min(images, room), room);
    }

    /// <summary>However small the room is, one request may always be slow.</summary>
    internal bool TryAddLingering(int images)
    {
        int all = Interlocked.Add(ref _lingering, images);
        if (all == images || all <= options.MaxImagesInFlight / 2)
        {
            return true;
        }

        RemoveLingering(images);
        return false;
    }

    internal void RemoveLingering(int images) => Interlocked.Add(ref _lingering, -images);

    internal bool TryAdd(int images) => TryAdd(images, options.MaxImagesInFlight);

    private int Guess(long? bodyLength) => bodyLength is { } length
        ? (int)Math.Clamp((length + TypicalBytesPerImage - 1) / TypicalBytesPerImage, 1, options.MaxImagesPerRequest)
        : options.MaxImagesPerRequest;

    private AdmissionLease? TryEnter(int images, int room) => !_isClosed && TryAdd(images, room) ? new AdmissionLease(this, images) : null;

    private bool TryAdd(int images, int room)
    {
        int current = InFlight;
        while (current + images <= room)
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
