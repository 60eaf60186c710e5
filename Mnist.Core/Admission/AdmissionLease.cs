using Mnist.Core.Requests;

namespace Mnist.Core.Admission;

/// <summary>The capacity that one request holds from before its body is read until it is answered. For one caller at a time.</summary>
public sealed class AdmissionLease : IDisposable
{
    private readonly AdmissionControl _admission;
    private int _slowImages;

    internal AdmissionLease(AdmissionControl admission, RequestKind kind, int images)
    {
        _admission = admission;
        Kind = kind;
        Images = images;
    }

    /// <summary>What the request was admitted as.</summary>
    public RequestKind Kind { get; }

    /// <summary>How many images it counts as.</summary>
    public int Images { get; private set; }

    /// <summary>Whether <see cref="TryBeginSlowUpload"/> has found no capacity: the body is not waited for any longer.</summary>
    public bool IsRevoked { get; private set; }

    /// <summary>Corrects the estimate once the number of images is known; false, and nothing changed, where the server has no capacity for them.</summary>
    public bool TryResize(int images)
    {
        int cost = _admission.CostOf(Kind, images, Images);
        int more = cost - Images;
        if (more > 0 && !_admission.TryAdd(more))
        {
            return false;
        }

        if (more < 0)
        {
            _admission.Remove(-more);
        }

        Images = cost;
        return true;
    }

    /// <summary>Keeps the capacity although the upload is slow; false where slow uploads hold half of all capacity already.</summary>
    public bool TryBeginSlowUpload()
    {
        IsRevoked = !_admission.TryAddSlowUpload(Images);
        _slowImages = IsRevoked ? 0 : Images;
        return !IsRevoked;
    }

    /// <summary>The body has arrived.</summary>
    public void EndSlowUpload()
    {
        _admission.RemoveSlowUpload(_slowImages);
        _slowImages = 0;
    }

    public void Dispose()
    {
        EndSlowUpload();
        _admission.Remove(Images);
        Images = 0;
    }
}
