using System.Diagnostics;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Models;
using Mnist.Core.Requests;

namespace Mnist.Tests.Core;

public sealed class QueuedRequestTests
{
    private static readonly DigitModel Model = new FakeModel("v", (_, _, _) => { });

    [Test]
    public void IsExpired_OnlyPastItsDeadline()
    {
        long before = Stopwatch.GetTimestamp();
        var request = Queue(images: 1, Deadline.After(TimeSpan.FromSeconds(1)));

        Assert.That(request.IsExpired(before + Stopwatch.Frequency), Is.False);
        Assert.That(request.IsExpired(Stopwatch.GetTimestamp() + Stopwatch.Frequency + 1));
    }

    [Test]
    public void IsAbandoned_WhenNobodyWaits()
    {
        using var client = new CancellationTokenSource();
        var request = Queue(images: 1, abandoned: client.Token);
        Assert.That(request.IsAbandoned, Is.False);
        client.Cancel();

        Assert.That(request.IsAbandoned);
    }

    [Test]
    public void IsAbandoned_WhenAnotherSliceOfItHasFailed()
    {
        var request = Queue(images: 2);
        request.Take(1, now: 10);
        request.Fail(new InvalidOperationException());

        Assert.That(request.IsAbandoned);
    }

    [Test]
    public async Task Complete_LastSlice_AnswersWithTheWaitUntilTheFirst()
    {
        var request = Queue(images: 3);
        long queued = Stopwatch.GetTimestamp();
        request.Take(2, now: queued + Stopwatch.Frequency);
        request.Take(1, now: queued + (2 * Stopwatch.Frequency));
        request.Complete(1);
        Assert.That(request.Completion.IsCompleted, Is.False);
        request.Complete(2);

        var predictions = await request.Completion;
        Assert.That(predictions.QueueTime, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(100)));
        Assert.That(predictions.ModelVersion, Is.EqualTo("v"));
        Assert.That(predictions.Count, Is.EqualTo(3));
    }

    private static QueuedRequest Queue(int images, Deadline? deadline = null, CancellationToken abandoned = default) =>
        new([.. Enumerable.Range(0, images).Select(_ => new DigitImage(new byte[DigitImage.PixelCount]))], detectOod: false, Model, deadline ?? Deadline.After(TimeSpan.FromHours(1)), abandoned);
}
