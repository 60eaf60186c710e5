using Mnist.Core;
using Mnist.Core.Batching;

namespace Mnist.Tests.Core;

public sealed class AdmissionTests
{
    private static readonly MnistOptions Options = new() { MaxImagesPerRequest = 8, MaxImagesInFlight = 20 };

    [TestCase(0, 1)]
    [TestCase(512, 1)]
    [TestCase(513, 2)]
    [TestCase(4096, 8)]
    [TestCase(1_000_000, 8)]
    [TestCase(null, 8)]
    public void TryEnter_BeforeTheBodyIsRead_GuessesFromItsLength(long? bodyLength, int expected)
    {
        var admission = new Admission(Options);
        using var reservation = admission.TryEnter(bodyLength);

        Assert.That(reservation, Is.Not.Null);
        Assert.That(admission.InFlight, Is.EqualTo(expected));
    }

    [TestCase(0)]
    [TestCase(2049)]
    [TestCase(4096)]
    [TestCase(null)]
    public void HasRoomFor_TellsWhatTryEnterWillDo(long? bodyLength)
    {
        var admission = new Admission(Options);
        List<AdmissionLease> reservations = [];
        for (bool enters = true; enters;)
        {
            bool hasRoom = admission.HasRoomFor(bodyLength);
            var reservation = admission.TryEnter(bodyLength);
            enters = reservation is not null;
            Assert.That(hasRoom, Is.EqualTo(enters));
            reservations.Add(reservation!);
        }

        reservations[0].Dispose();
        Assert.That(admission.HasRoomFor(bodyLength));
        admission.Close();
        Assert.That(admission.HasRoomFor(bodyLength), Is.False);
    }

    [TestCase(10, 1)]
    [TestCase(4096, 8)]
    [TestCase(9 * 24 * 1024, 9)]
    [TestCase(1_000_000_000, 10)]
    public void TryEnterPhotos_TakesAsMuchRoomAsTheyAreLong(long bodyLength, int expected)
    {
        var admission = new Admission(Options);
        using var reservation = admission.TryEnterPhotos(bodyLength);

        Assert.That(admission.InFlight, Is.EqualTo(expected));
    }

    [Test]
    public void TryEnterPhotos_LeavesHalfOfTheRoomToOthers()
    {
        var admission = new Admission(Options);
        using var photo = admission.TryEnterPhotos(1_000_000_000);

        Assert.That(admission.TryEnterPhotos(1), Is.Null);
        using var digits = admission.TryEnter(null);
        Assert.That(digits, Is.Not.Null);
    }

    [Test]
    public void TryEnter_WithoutRoom_RefusesAndChangesNothing()
    {
        var admission = new Admission(Options);
        using var first = admission.TryEnter(null);
        using var second = admission.TryEnter(null);

        Assert.That(admission.TryEnter(null), Is.Null);
        Assert.That(admission.InFlight, Is.EqualTo(16));
        using var small = admission.TryEnter(1);
        Assert.That(small, Is.Not.Null);
    }

    [Test]
    public void TryResize_CorrectsTheGuessWithinTheLimit()
    {
        var admission = new Admission(Options);
        using var first = admission.TryEnter(null)!;
        using var second = admission.TryEnter(1)!;

        Assert.That(first.TryResize(3), Is.True);
        Assert.That(second.TryResize(17), Is.True);
        Assert.That(admission.InFlight, Is.EqualTo(20));
        Assert.That(first.TryResize(4), Is.False);
        Assert.That(admission.InFlight, Is.EqualTo(20));
    }

    [Test]
    public void Dispose_GivesTheRoomBackOnce()
    {
        var admission = new Admission(Options);
        var reservation = admission.TryEnter(null)!;
        reservation.Dispose();
        reservation.Dispose();

        Assert.That(admission.InFlight, Is.Zero);
    }

    [Test]
    public void Close_RefusesNewRequestsAndLetsAcceptedOnesGoOn()
    {
        var admission = new Admission(Options);
        using var accepted = admission.TryEnter(1)!;
        admission.Close();

        Assert.That(admission.TryEnter(1), Is.Null);
        Assert.That(accepted.TryResize(5), Is.True);
        Assert.That(admission.IsDraining, "who chooses a server should choose another");
    }

    [Test]
    public void BeginDrain_SaysSoAndTakesRequests()
    {
        var admission = new Admission(Options);
        Assert.That(admission.IsDraining, Is.False);
        admission.BeginDrain();

        Assert.That(admission.IsDraining);
        Assert.That(admission.IsClosed, Is.False);
        using var accepted = admission.TryEnter(1);
        Assert.That(accepted, Is.Not.Null);
    }

    [Test]
    public void TryEnter_FromManyThreads_NeverExceedsTheLimit()
    {
        var admission = new Admission(Options);
        int highest = 0;
        Parallel.For(0, 20_000, i =>
        {
            using var reservation = admission.TryEnter(i % 5000);
            int inFlight = admission.InFlight;
            for (int seen = Volatile.Read(ref highest); inFlight > seen && Interlocked.CompareExchange(ref highest, inFlight, seen) != seen;)
            {
                seen = Volatile.Read(ref highest);
            }

            reservation?.TryResize(i % 8 + 1);
        });

        Assert.That(highest, Is.InRange(1, Options.MaxImagesInFlight));
        Assert.That(admission.InFlight, Is.Zero);
    }
}
