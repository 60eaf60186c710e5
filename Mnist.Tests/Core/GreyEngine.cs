using System.Collections.Concurrent;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Models;
using Mnist.Core.Settings;
using Mnist.Inference.Model;

namespace Mnist.Tests.Core;

/// <summary>An engine that can be held. Every picture is one grey value, and the answer the digit value % 10.</summary>
internal sealed class GreyEngine : IDisposable
{
    public const int Poison = 255;

    public static readonly TimeSpan StallTimeout = TimeSpan.FromMilliseconds(50);

    private readonly ManualResetEventSlim _open = new(true);
    private int _busy;
    private int _oodImages;

    public RecordedMetrics Recorded { get; } = new();

    public int OodImages => _oodImages;

    public ConcurrentQueue<int> BatchSizes { get; } = [];

    public ConcurrentQueue<int> Computed { get; } = [];

    public DynamicBatcher Start(int workers)
    {
        var options = new MnistOptions { Workers = workers, StallTimeout = StallTimeout };
        return new DynamicBatcher(options, new FakeModel("first", Forward, DetectOod), Recorded.Metrics);
    }

    /// <summary>Another version: it answers with the digit value % 10 + 1.</summary>
    public DigitModel Next() => new FakeModel("second", (images, batchSize, logits) => Forward(images, batchSize, logits, offset: 1));

    public void Dispose()
    {
        _open.Dispose();
        Recorded.Dispose();
    }

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public void WaitUntilBusy(int workers) => SpinWait.SpinUntil(() => Volatile.Read(ref _busy) == workers, TimeSpan.FromSeconds(20));

    public static DigitImage[] Images(params int[] values)
    {
        return [.. values.Select(Flat)];

        static DigitImage Flat(int value)
        {
            byte[] pixels = new byte[DigitImage.PixelCount];
            Array.Fill(pixels, (byte)value);
            return new DigitImage(pixels);
        }
    }

    public static IEnumerable<int> Digits(Predictions predictions) => Enumerable.Range(0, predictions.Count).Select(i => predictions[i].Class);

    public static OodResult OodResultOf(int value) => new((OodDecision)(value % 3), value);

    private void DetectOod(ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> results)
    {
        Interlocked.Add(ref _oodImages, results.Length);
        for (int i = 0; i < results.Length; i++)
        {
            int value = (int)MathF.Round(images[i * DigitImage.PixelCount] * 255);
            Assert.That(probabilities[(i * Predictions.ClassCount) + (value % 10)], Is.GreaterThan(0.9f), "the probabilities of the same image");
            results[i] = OodResultOf(value);
        }
    }

    private void Forward(ReadOnlySpan<float> images, int batchSize, Span<float> logits) => Forward(images, batchSize, logits, offset: 0);

    private void Forward(ReadOnlySpan<float> images, int batchSize, Span<float> logits, int offset)
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
            logits[i * Predictions.ClassCount + (value + offset) % 10] = 10;
        }
    }
}
