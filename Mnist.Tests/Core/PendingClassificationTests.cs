using System.Diagnostics;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;

namespace Mnist.Tests.Core;

public sealed class PendingClassificationTests
{
    private static readonly DigitModel Model = new("v", new MnistOptions { Workers = 1 }, _ => (_, _, _) => { });

    [TestCase(99, false)]
    [TestCase(100, false)]
    [TestCase(101, true)]
    public void IsExpired_OnlyPastItsDeadline(long now, bool expected) =>
        Assert.That(Pending(images: 1, deadline: 100).IsExpired(now), Is.EqualTo(expected));

    [Test]
    public void IsAbandoned_WhenNobodyWaits()
    {
        using var client = new CancellationTokenSource();
        var pending = Pending(images: 1, abandoned: client.Token);
        Assert.That(pending.IsAbandoned, Is.False);
        client.Cancel();

        Assert.That(pending.IsAbandoned);
    }

    [Test]
    public void IsAbandoned_WhenAnotherPieceOfItHasFailed()
    {
        var pending = Pending(images: 2);
        pending.Take(1, now: 10);
        pending.Fail(new InvalidOperationException());

        Assert.That(pending.IsAbandoned);
    }

    [Test]
    public async Task Complete_OfTheLastPiece_AnswersWithTheWaitUntilTheFirst()
    {
        var pending = Pending(images: 3);
        pending.Take(2, now: Stopwatch.Frequency);
        pending.Take(1, now: 2 * Stopwatch.Frequency);
        pending.Complete(1);
        Assert.That(pending.Completion.IsCompleted, Is.False);
        pending.Complete(2);

        var predictions = await pending.Completion;
        Assert.That(predictions.QueueTime, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(predictions.ModelVersion, Is.EqualTo("v"));
        Assert.That(predictions.Count, Is.EqualTo(3));
    }

    private static PendingClassification Pending(int images, long deadline = long.MaxValue, CancellationToken abandoned = default) =>
        new([.. Enumerable.Range(0, images).Select(_ => new DigitImage(new byte[DigitImage.PixelCount]))], reject: false, Model, queuedAt: 0, deadline, abandoned);
}
