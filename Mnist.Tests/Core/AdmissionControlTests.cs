using Mnist.Core.Admission;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Tests.Core;

public sealed class AdmissionControlTests
{
    private static readonly MnistOptions Options = new() { MaxImagesPerRequest = 8, MaxImagesInFlight = 20 };

    [TestCase(0, 1)]
    [TestCase(512, 1)]
    [TestCase(513, 2)]
    [TestCase(4096, 8)]
    [TestCase(1_000_000, 8)]
    [TestCase(null, 8)]
    public void TryAdmit_BodyUnread_EstimatesImagesFromItsLength(long? bodyLength, int expected)
    {
        var admission = new AdmissionControl(Options);
        using var lease = admission.TryAdmit(RequestKind.Digits, bodyLength);

        Assert.That(lease, Is.Not.Null);
        Assert.That(admission.InFlight, Is.EqualTo(expected));
    }

    [TestCase(10, 1)]
    [TestCase(4096, 8)]
    [TestCase(9 * 24 * 1024, 9)]
    [TestCase(1_000_000_000, 10)]
    public void TryAdmit_Photos_CostOneImagePer24KiB(long bodyLength, int expected)
    {
        var admission = new AdmissionControl(Options);
        using var lease = admission.TryAdmit(RequestKind.Photos, bodyLength);

        Assert.That(admission.InFlight, Is.EqualTo(expected));
    }

    [Test]
    public void TryAdmit_Photos_LeaveHalfOfTheCapacityToDigits()
    {
        var admission = new AdmissionControl(Options);
        using var photo = admission.TryAdmit(RequestKind.Photos, 1_000_000_000);

        Assert.That(admission.TryAdmit(RequestKind.Photos, 1), Is.Null);
        using var digits = admission.TryAdmit(RequestKind.Digits, null);
        Assert.That(digits, Is.Not.Null);
    }

    [Test]
    public void TryAdmit_Full_RejectsAndChangesNothing()
    {
        var admission = new AdmissionControl(Options);
        using var first = admission.TryAdmit(RequestKind.Digits, null);
        using var second = admission.TryAdmit(RequestKind.Digits, null);

        Assert.That(admission.TryAdmit(RequestKind.Digits, null), Is.Null);
        Assert.That(admission.InFlight, Is.EqualTo(16));
        using var small = admission.TryAdmit(RequestKind.Digits, 1);
        Assert.That(small, Is.Not.Null);
    }

    [Test]
    public void TryResize_CorrectsTheEstimateWithinTheLimit()
    {
        var admission = new AdmissionControl(Options);
        using var first = admission.TryAdmit(RequestKind.Digits, null)!;
        using var second = admission.TryAdmit(RequestKind.Digits, 1)!;

        Assert.That(first.TryResize(3), Is.True);
        Assert.That(second.TryResize(17), Is.True);
        Assert.That(admission.InFlight, Is.EqualTo(20));
        Assert.That(first.TryResize(4), Is.False);
        Assert.That(admission.InFlight, Is.EqualTo(20));
    }

    [Test]
    public void Dispose_Twice_ReturnsTheCapacityOnce()
    {
        var admission = new AdmissionControl(Options);
        var lease = admission.TryAdmit(RequestKind.Digits, null)!;
        lease.Dispose();
        lease.Dispose();

        Assert.That(admission.InFlight, Is.Zero);
    }

    [Test]
    public void Close_RejectsNewRequestsAndKeepsAdmittedOnes()
    {
        var admission = new AdmissionControl(Options);
        using var admitted = admission.TryAdmit(RequestKind.Digits, 1)!;
        admission.Close();

        Assert.That(admission.TryAdmit(RequestKind.Digits, 1), Is.Null);
        Assert.That(admitted.TryResize(5), Is.True);
        Assert.That(admission.IsDraining, "load balancers should choose another server");
    }

    [Test]
    public void BeginDrain_StillAdmitsRequests()
    {
        var admission = new AdmissionControl(Options);
        Assert.That(admission.IsDraining, Is.False);
        admission.BeginDrain();

        Assert.That(admission.IsDraining);
        Assert.That(admission.IsClosed, Is.False);
        using var admitted = admission.TryAdmit(RequestKind.Digits, 1);
        Assert.That(admitted, Is.Not.Null);
    }

    [Test]
    public void TryAdmit_FromManyThreads_NeverExceedsTheLimit()
    {
        var admission = new AdmissionControl(Options);
        int highest = 0;
        Parallel.For(0, 20_000, i =>
        {
            using var lease = admission.TryAdmit(RequestKind.Digits, i % 5000);
            int inFlight = admission.InFlight;
            for (int seen = Volatile.Read(ref highest); inFlight > seen && Interlocked.CompareExchange(ref highest, inFlight, seen) != seen;)
            {
                seen = Volatile.Read(ref highest);
            }

            lease?.TryResize(i % 8 + 1);
        });

        Assert.That(highest, Is.InRange(1, Options.MaxImagesInFlight));
        Assert.That(admission.InFlight, Is.Zero);
    }
}
