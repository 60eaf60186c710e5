using System.Collections.Concurrent;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;

namespace Mnist.Tests.Core;

/// <summary>Every picture of these tests is one grey value, and the test engine answers with the digit value % 10.</summary>
[CancelAfter(30_000)]
public sealed class DynamicBatcherTests
{
    [Test]
    public async Task ClassifyAsync_OneRequest_IsAnsweredInOrder(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1);
        var predictions = await batcher.ClassifyAsync(Images(7, 3, 9), cancellationToken);

        Assert.That(Digits(predictions), Is.EqualTo(new[] { 7, 3, 9 }));
        Assert.That(predictions[0].Probability, Is.InRange(0.9f, 1f));
        Assert.That(predictions.Probabilities(0).ToArray().Sum(), Is.EqualTo(1f).Within(1e-5));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_ManyRequestsAtOnce_EachGetsItsOwnAnswers([Values(1, 2, 3)] int workers, CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), cancellationToken, async (i, token) =>
        {
            int[] values = [.. Enumerable.Range(i, 1 + i % 64).Select(value => value % 250)];
            var predictions = await batcher.ClassifyAsync(Images(values), token);
            Assert.That(Digits(predictions), Is.EqualTo(values.Select(value => value % 10)));
        });

        Assert.That(batcher.WaitingImages, Is.Zero);
        Assert.That(engine.BatchSizes, Is.All.InRange(1, 64));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_WhileAWorkerComputes_TheNextBatchGathers(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var first = batcher.ClassifyAsync(Images(1), cancellationToken);
        engine.WaitUntilBusy(1);
        var others = Enumerable.Range(0, 50).Select(i => batcher.ClassifyAsync(Images(i), cancellationToken)).ToList();
        engine.Release();
        await Task.WhenAll([first, .. others]);

        Assert.That(engine.BatchSizes, Is.EqualTo(new[] { 1, 50 }));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_LargeRequest_IsSpreadOverIdleWorkers(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 2);
        engine.Hold();
        var answer = batcher.ClassifyAsync(Images([.. Enumerable.Range(0, 64)]), cancellationToken);
        engine.WaitUntilBusy(2);
        engine.Release();

        Assert.That(Digits(await answer), Is.EqualTo(Enumerable.Range(0, 64).Select(i => i % 10)));
        Assert.That(engine.BatchSizes, Is.EquivalentTo(new[] { 32, 32 }));
        await batcher.StopAsync();
    }

    [Test]
    public async Task ClassifyAsync_Cancelled_LeavesTheQueueAndIsNeverComputed(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), cancellationToken);
        engine.WaitUntilBusy(1);
        using var client = new CancellationTokenSource();
        var waiting = batcher.ClassifyAsync(Images(2, 2, 2), client.Token);
        Assert.That(batcher.WaitingImages, Is.EqualTo(3));

        await client.CancelAsync();
        await Assert.ThatAsync(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(batcher.WaitingImages, Is.Zero);

        engine.Release();
        await running;
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ClassifyAsync_PastItsDeadline_FailsAndIsNeverComputed(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1, TimeSpan.FromMilliseconds(50));
        engine.Hold();
        var running = batcher.ClassifyAsync(Images(1), cancellationToken);
        engine.WaitUntilBusy(1);
        var waiting = batcher.ClassifyAsync(Images(2), cancellationToken);

        await Assert.ThatAsync(() => waiting, Throws.TypeOf<DeadlineExceededException>());
        await Assert.ThatAsync(() => running, Throws.TypeOf<DeadlineExceededException>());
        engine.Release();
        await batcher.StopAsync();
        Assert.That(engine.Computed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task ClassifyAsync_EngineThrows_FailsThatBatchAloneAndTheWorkerLives(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1);

        await Assert.ThatAsync(() => batcher.ClassifyAsync(Images(Engine.Poison), cancellationToken), Throws.TypeOf<InvalidOperationException>());
        var predictions = await batcher.ClassifyAsync(Images(4), cancellationToken);

        Assert.That(Digits(predictions), Is.EqualTo(new[] { 4 }));
        await batcher.StopAsync();
    }

    [Test]
    public async Task StopAsync_FinishesWhatIsQueuedAndTakesNothingNew(CancellationToken cancellationToken)
    {
        using var engine = new Engine();
        var batcher = engine.Start(workers: 1);
        engine.Hold();
        var accepted = Enumerable.Range(0, 200).Select(i => batcher.ClassifyAsync(Images(i), cancellationToken)).ToList();
        var stopped = batcher.StopAsync();

        await Assert.ThatAsync(() => batcher.ClassifyAsync(Images(1), cancellationToken), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stopped.IsCompleted, Is.False);
        engine.Release();
        await Task.WhenAll(accepted);
        await stopped.WaitAsync(cancellationToken);
    }

    private static DigitImage[] Images(params int[] values)
    {
        return [.. values.Select(Flat)];

        static DigitImage Flat(int value)
        {
            byte[] pixels = new byte[DigitImage.PixelCount];
            Array.Fill(pixels, (byte)value);
            return new DigitImage(pixels);
        }
    }

    private static IEnumerable<int> Digits(Predictions predictions) => Enumerable.Range(0, predictions.Count).Select(i => predictions[i].Class);

    private sealed class Engine : IDisposable
    {
        public const int Poison = 255;

        private readonly ManualResetEventSlim _open = new(true);
        private int _busy;

        public ConcurrentQueue<int> BatchSizes { get; } = [];

        public ConcurrentQueue<int> Computed { get; } = [];

        public DynamicBatcher Start(int workers, TimeSpan? deadline = null) =>
            new(new MnistOptions { Workers = workers, Deadline = deadline ?? TimeSpan.FromSeconds(20) }, _ => Forward);

        public void Dispose() => _open.Dispose();

        public void Hold() => _open.Reset();

        public void Release() => _open.Set();

        public void WaitUntilBusy(int workers) => SpinWait.SpinUntil(() => Volatile.Read(ref _busy) == workers, TimeSpan.FromSeconds(20));

        private void Forward(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
        {
            Interlocked.Increment(ref _busy);
            _open.Wait();
            Interlocked.Decrement(ref _busy);
            BatchSizes.Enqueue(batchSize);
            logits.Clear();
            for (int i = 0; i < batchSize; i++)
            {
                int value = (int)MathF.Round(images[i * DigitImage.PixelCount] * 255);
                if (value == Poison)
                {
                    throw new InvalidOperationException("poison");
                }

                Computed.Enqueue(value);
                logits[i * Predictions.ClassCount + value % 10] = 10;
            }
        }
    }
}
