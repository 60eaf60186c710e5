namespace Mnist.Core.Batching;

/// <summary>The room one request holds from before its body is read until it is answered. For one caller at a time.</summary>
public sealed class AdmissionLease : IDisposable
{
    private readonly Admission _admission;
    private int _images;
    private int _lingering;

    internal AdmissionLease(Admission admission, int images)
    {
        _admission = admission;
        _images = images;
    }

    /// <summary>How many images it has room for.</summary>
    public int Images => _images;

    /// <summary>Corrects the guess once the number of images is known; false, and nothing changed, when the server has no room for them.</summary>
    public bool TryResize(int images)
    {
        int more = images - _images;
        if (more > 0 && !_admission.TryAdd(more))
        {
            return false;
        }

        if (more < 0)
        {
            _admission.Remove(-more);
        }

        _images = images;
        return true;
    }

    /// <summary>Whether <see cref="TryLinger"/> has found no room: the body is not waited for any more.</summary>
    public bool IsTurnedAway { get; private set; }

    /// <summary>Keeps the room although the body is slow; false where bodies that are slow hold half of all room already.</summary>
    public bool TryLinger()
    {
        IsTurnedAway = !_admission.TryAddLingering(_images);
        _lingering = IsTurnedAway ? 0 : _images;
        return !IsTurnedAway;
    }

    /// <summary>The body is there.</summary>
    public void Arrive()
    {
        _admission.RemoveLingering(_lingering);
        _lingering = 0;
    }

    public void Dispose()
    {
        Arrive();
        _admission.Remove(_images);
        _images = 0;
    }
}
