using System.Collections.Concurrent;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Tests.Core;

/// <summary>An engine that can be held. Every picture is one grey value, and the answer the digit value % 10.</summary>
internal sealed class GreyEngine : IDisposable
{
    public const int Poison = 255;

    public static readonly TimeSpan StallTimeout = TimeSpan.FromMilliseconds(50);

    private readonly ManualResetEventSlim _open = new(true);
    private int _busy;
    private int _judged;

    public RecordedMetrics Recorded { get; } = new();

    public int Judged => _judged;

    public ConcurrentQueue<int> BatchSizes { get; } = [];

    public ConcurrentQueue<int> Computed { get; } = [];

    public DynamicBatcher Start(int workers)
    {
        var options = new MnistOptions { Workers = workers, StallTimeout = StallTimeout };
        return new DynamicBatcher(options, new DigitModel("first", options, _ => Forward, _ => Judge), Recorded.Metrics);
    }

    /// <summary>Another version: it answers with the digit value % 10 + 1.</summary>
    public DigitModel Next(int workers) => new("second", new MnistOptions { Workers = workers }, _ => (images, batchSize, logits) => Forward(images, batchSize, logits, offset: 1));

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

    public static OodResult JudgementOf(int value) => new((OodDecision)(value % 3), value);

    private void Judge(ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> judgements)
    {
        Interlocked.Add(ref _judged, judgements.Length);
        for (int i = 0; i < judgements.Length; i++)
        {
            int value = (int)MathF.Round(images[i * DigitImage.PixelCount] * 255);
            Assert.That(probabilities[(i * Predictions.ClassCount) + (value % 10)], Is.GreaterThan(0.9f), "the probabilities of the same image");
            judgements[i] = JudgementOf(value);
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
