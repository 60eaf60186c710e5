using System.Buffers;
using System.Text;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Tests.Core;

public sealed class ClassifierTests
{
    private static readonly MnistOptions Options = new() { MaxImagesPerRequest = 3, Workers = 1 };

    [Test]
    public void Decode_ErrorsOfEveryKind_AreReportedTogether()
    {
        var errors = Decode(MnistServer.Body("A", "AQID", "")).Errors;

        Assert.That(errors.BreaksContract);
        Assert.That(errors.Messages.Keys, Is.EqualTo(new[] { "requests[0].image", "requests[1].image", "requests[2].image" }));
        Assert.That(errors.Messages.Values.Select(messages => messages.Length), Is.All.EqualTo(1));
        Assert.That(errors.Messages["requests[1].image"].Single(), Does.StartWith("is not an image"));
        Assert.That(errors.Summary, Does.StartWith("3 errors"));
    }

    [Test]
    public void Decode_ImageErrorsAlone_DoNotBreakTheContract()
    {
        var errors = Decode(MnistServer.Body(TestDigits.Base64(), "AQID")).Errors;

        Assert.That(errors.BreaksContract, Is.False);
        Assert.That(errors.Summary, Does.StartWith("requests[1].image is not an image"));
    }

    [Test]
    public void Decode_GoodImages_KeepTheirOrder()
    {
        var (errors, images) = Decode(MnistServer.Body(TestDigits.Base64(1), TestDigits.Base64(2), TestDigits.Base64(3)));

        Assert.That(errors.Any, Is.False);
        Assert.That(images.Select(image => image.Pixels.ToArray()), Is.EqualTo(new[] { TestDigits.Pixels(1), TestDigits.Pixels(2), TestDigits.Pixels(3) }));
    }

    [Test]
    public async Task ClassifyAsync_RejectWithoutDetector_FailsBeforeTheInference()
    {
        int computed = 0;
        using var recorded = new RecordedMetrics();
        using var photos = new PhotoLimiter(Options);
        var batcher = new DynamicBatcher(Options, new FakeModel("v", (_, _, logits) =>
        {
            Interlocked.Increment(ref computed);
            logits.Clear();
        }), recorded.Metrics);
        var classifier = new Classifier(photos, batcher, new Explainer(batcher), recorded.Metrics);
        var request = Read(MnistServer.Body(TestDigits.Base64())) with { Reject = true };

        Assert.That((await classifier.ClassifyAsync(request, CancellationToken.None)).TryGetAnswer(out _, out var errors), Is.False);
        Assert.That(errors!.Messages.Keys, Is.EqualTo(new[] { "reject" }));
        await batcher.StopAsync();
        Assert.That(computed, Is.Zero);
    }

    private static (ValidationErrors Errors, IReadOnlyList<DigitImage> Images) Decode(string body)
    {
        var request = Read(body);
        return (request.Errors, Classifier.Decode(request, new byte[3 * DigitImage.PixelCount]));
    }

    private static ImageRequest Read(string body) => new ClassifyRequestReader(Options).Read(
        new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), RequestKind.Digits, Deadline.After(TimeSpan.FromSeconds(20)), new ValidationErrors());
}
