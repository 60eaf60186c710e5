using Mnist.Core.Models;
using Mnist.Core.Requests;
using static Mnist.Tests.Core.GreyEngine;

namespace Mnist.Tests.Core;

/// <summary>With the engine and the images of <see cref="GreyEngine"/>.</summary>
[CancelAfter(30_000)]
public sealed class DynamicBatcherTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    [Test]
    public async Task ClassifyAsync_OneRequest_IsAnsweredInOrder(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        var predictions = await batcher.ClassifyAsync(Images(7, 3, 9), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);

        Assert.That(Digits(predictions), Is.EqualTo(new[] { 7, 3, 9 }));
        Assert.That(predictions[0].Probability, Is.InRange(0.9f, 1f));
        Assert.That(predictions.Probabilities(0).ToArray().Sum(), Is.EqualTo(1f).Within(1e-5));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_ManyRequestsAtOnce_EachGetsItsOwnAnswers([Values(1, 2, 3)] int workers, CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), cancellationToken, async (i, token) =>
        {
            int[] values = [.. Enumerable.Range(i, 1 + i % 64).Select(value => value % 250)];
            var predictions = await batcher.ClassifyAsync(Images(values), detectOod: false, batcher.Model, Deadline.After(Timeout), token);
            Assert.That(Digits(predictions), Is.EqualTo(values.Select(value => value % 10)));
        });

        Assert.That(batcher.QueuedImages, Is.Zero);
        Assert.That(engine.BatchSizes, Is.All.InRange(1, 64));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_SomeRequestsDetectOod_OnlyTheseGetResults([Values(1, 3)] int workers, CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), cancellationToken, async (i, token) =>
        {
            int[] values = [.. Enumerable.Range(i, 1 + i % 64).Select(value => value % 250)];
            bool reject = i % 3 == 0;
            var predictions = await batcher.ClassifyAsync(Images(values), reject, batcher.Model, Deadline.After(Timeout), token);
            Assert.That(Digits(predictions), Is.EqualTo(values.Select(value => value % 10)));
            Assert.That(predictions.OodResults, reject ? Is.EqualTo(values.Select(GreyEngine.OodResultOf)) : Is.Null);
        });

        Assert.That(engine.OodImages, Is.EqualTo(Enumerable.Range(0, 2000).Where(i => i % 3 == 0).Sum(i => 1 + i % 64)), "only the images that were asked for");
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_WhileAWorkerComputes_TheNextBatchGathers(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var first = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        var others = Enumerable.Range(0, 50).Select(i => batcher.ClassifyAsync(Images(i), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken)).ToList();
        engine.Release();
        await Task.WhenAll([first, .. others]);

        await batcher.StopAsync();
        Assert.That(engine.BatchSizes, Is.EqualTo(new[] { 1, 50 }));
        Assert.That(engine.Recorded.Of("mnist.batch.size").Select(batch => batch.Value), Is.EqualTo(engine.BatchSizes));
        Assert.That(engine.Recorded.Of("mnist.inference.duration").Count(), Is.EqualTo(2));
        Assert.That(engine.Recorded.Of("mnist.queue.duration").Count(), Is.EqualTo(51));
    }

    [Test]
    public async Task ClassifyAsync_LargeRequest_IsSpreadOverIdleWorkers(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 2);
        engine.Hold();
        var answer = batcher.ClassifyAsync(Images([.. Enumerable.Range(0, 64)]), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(2);
        engine.Release();

        Assert.That(Digits(await answer), Is.EqualTo(Enumerable.Range(0, 64).Select(i => i % 10)));
        Assert.That(engine.BatchSizes, Is.EquivalentTo(new[] { 32, 32 }));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_Cancelled_LeavesTheQueueAndIsNeverComputed(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        using var client = new CancellationTokenSource();
        var waiting = batcher.ClassifyAsync(Images(2, 2, 2), detectOod: false, batcher.Model, Deadline.After(Timeout), client.Token);
        Assert.That(batcher.QueuedImages, Is.EqualTo(3));

        await client.CancelAsync();
        await Assert.ThatAsync(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(batcher.QueuedImages, Is.Zero);

        engine.Release();
        await running;
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ClassifyAsync_PastItsDeadline_FailsAndIsNeverComputed(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(TimeSpan.FromMilliseconds(50)), cancellationToken);
        engine.WaitUntilBusy(1);
        var waiting = batcher.ClassifyAsync(Images(2), detectOod: false, batcher.Model, Deadline.After(TimeSpan.FromMilliseconds(50)), cancellationToken);

        await Assert.ThatAsync(() => waiting, Throws.TypeOf<DeadlineExceededException>());
        await Assert.ThatAsync(() => running, Throws.TypeOf<DeadlineExceededException>());
        engine.Release();
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ClassifyAsync_PastItsDeadlineWhenNoTimerRuns_IsNeverComputed(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        using var end = new ManualResetEventSlim();
        Task[] blocked = [.. Enumerable.Range(0, 200).Select(_ => Task.Run(() => end.Wait(cancellationToken), cancellationToken))];
        var waiting = batcher.ClassifyAsync(Images(2), detectOod: false, batcher.Model, Deadline.After(TimeSpan.FromMilliseconds(20)), cancellationToken);
        try
        {
            // On this thread, and the worker on its own: the pool's have nothing to spare for timers.
            Thread.Sleep(100);
            Assert.That(batcher.QueuedImages, Is.EqualTo(1), "nobody has noticed yet");
            engine.Release();
            Assert.That(() => batcher.QueuedImages, Is.Zero.After(2000, 10));
        }
        finally
        {
            end.Set();
        }

        await Task.WhenAll(blocked);
        await Assert.ThatAsync(() => waiting, Throws.TypeOf<DeadlineExceededException>());
        await running;
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ClassifyAsync_EngineThrows_FailsThatBatchAloneAndTheWorkerLives(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);

        await Assert.ThatAsync(() => batcher.ClassifyAsync(Images(GreyEngine.Poison), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken), Throws.TypeOf<InvalidOperationException>());
        var predictions = await batcher.ClassifyAsync(Images(4), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);

        Assert.That(Digits(predictions), Is.EqualTo(new[] { 4 }));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_WithoutTimeLeft_FailsAndIsNeverQueued(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);

        await Assert.ThatAsync(() => batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(TimeSpan.FromTicks(-1)), cancellationToken), Throws.TypeOf<DeadlineExceededException>());
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.Empty);
    }

    [Test]
    public async Task StuckWorkers_CountsWorkersWhoseBatchNeverEnds(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 2);
        Assert.That(batcher.StuckWorkers, Is.Zero);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        await Task.Delay(2 * GreyEngine.StallTimeout, cancellationToken);

        Assert.That(batcher.StuckWorkers, Is.EqualTo(1));
        engine.Release();
        await running;
        Assert.That(() => batcher.StuckWorkers, Is.Zero.After(2000, 10));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_WhileTheThreadPoolIsStarved_IsComputed(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        using var end = new ManualResetEventSlim();
        Task[] blocked = [.. Enumerable.Range(0, 1000).Select(_ => Task.Run(() => end.Wait(cancellationToken), cancellationToken))];
        var running = batcher.ClassifyAsync(Images(7), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        try
        {
            Assert.That(() => engine.Computed, Is.EqualTo([7]).After(2000, 10));
            Assert.That(blocked.Count(task => task.IsCompleted), Is.Zero);
        }
        finally
        {
            end.Set();
        }

        await Task.WhenAll(blocked);
        await running;
        await batcher.StopAsync();
    }

    [Test]
    public async Task Swap_WhileRequestsWait_AnswersEachByTheVersionItCameFor(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        var before = batcher.ClassifyAsync(Images(2, 3), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        var previous = batcher.Swap(engine.Next());
        var after = batcher.ClassifyAsync(Images(2, 3), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.Release();
        await running;

        Assert.That(previous.Version, Is.EqualTo("first"));
        Assert.That(Digits(await before), Is.EqualTo(new[] { 2, 3 }));
        Assert.That((await before).ModelVersion, Is.EqualTo("first"));
        Assert.That(Digits(await after), Is.EqualTo(new[] { 3, 4 }));
        Assert.That((await after).ModelVersion, Is.EqualTo("second"));
        Assert.That(engine.BatchSizes, Is.EqualTo(new[] { 1, 2, 2 }), "a batch has one version");
        await batcher.StopAsync();
    }

    [Test]
    public async Task Swap_UnderLoad_EveryRequestIsAnsweredByOneVersion(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 2);
        DigitModel[] models = [batcher.Model, engine.Next()];
        using var done = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            for (int i = 0; !done.IsCancellationRequested; i++)
            {
                batcher.Swap(models[i % 2]);
            }
        }, cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), cancellationToken, async (i, token) =>
        {
            int[] values = [.. Enumerable.Range(i, 1 + i % 64).Select(value => value % 250)];
            var predictions = await batcher.ClassifyAsync(Images(values), detectOod: false, batcher.Model, Deadline.After(Timeout), token);
            int offset = predictions.ModelVersion == "second" ? 1 : 0;
            Assert.That(Digits(predictions), Is.EqualTo(values.Select(value => (value + offset) % 10)));
        });
        await done.CancelAsync();
        await swapping;
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_Times_AddUpToTheWait(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        engine.WaitUntilBusy(1);
        var waiting = batcher.ClassifyAsync(Images(2), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken);
        await Task.Delay(100, cancellationToken);
        engine.Release();

        // The timers of an operating system may fire a few milliseconds early.
        Assert.That((await running).InferenceTime, Is.GreaterThan(TimeSpan.FromMilliseconds(80)));
        Assert.That((await waiting).QueueTime, Is.GreaterThan(TimeSpan.FromMilliseconds(80)));
        await batcher.StopAsync();
    }

    [Test]
    public async Task StopAsync_FinishesWhatIsQueuedAndTakesNothingNew(CancellationToken cancellationToken)
    {
        using var engine = new GreyEngine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var accepted = Enumerable.Range(0, 200).Select(i => batcher.ClassifyAsync(Images(i), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken)).ToList();
        var stopped = batcher.StopAsync();

        await Assert.ThatAsync(() => batcher.ClassifyAsync(Images(1), detectOod: false, batcher.Model, Deadline.After(Timeout), cancellationToken), Throws.InstanceOf<OperationCanceledException>().With.Message.Contains("stopped"));
        Assert.That(stopped.IsCompleted, Is.False);
        engine.Release();
        await Task.WhenAll(accepted);
        await stopped.WaitAsync(cancellationToken);
    }
}
