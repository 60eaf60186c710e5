using System.Buffers;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Requests;
using Mnist.Inference.Model;

namespace Mnist.Core;

/// <summary>Classifies images of one digit each: decodes or normalizes them, and gives them to the batcher.</summary>
public sealed class Classifier(PhotoLimiter photos, DynamicBatcher batcher, Explainer explainer, ServerMetrics metrics)
{
    /// <summary>Classifies all images of a request, or says everything that is wrong with it.</summary>
    /// <exception cref="DeadlineExceededException">The deadline passed; what was not computed by then never is.</exception>
    /// <exception cref="OperationCanceledException">The client has gone, or the batcher has stopped.</exception>
    public async Task<Result<Answer<ClassifyResponse>>> ClassifyAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var errors = request.Errors;
        var model = batcher.Model;
        if (request.Explain && request.Files.Count > 1)
        {
            errors.AddContractError(ImageRequest.ExplainName, $"takes one image a request; found {request.Files.Count}. Send each in a request of its own.");
        }

        if (request.Reject && !model.HasOodDetector)
        {
            errors.AddContractError(ImageRequest.RejectName, "is not possible with the model that is served: its weights file has no out-of-distribution detector.");
        }

        // Rented until the answer is there. After a timeout a worker may still read the returned memory; its result is discarded.
        using var pixels = request.Kind.IsPhoto ? null : MemoryPool<byte>.Shared.Rent(request.Files.Count * DigitImage.PixelCount);
        var images = pixels is null ? await NormalizeAsync(request, cancellationToken) : Decode(request, pixels.Memory);
        if (errors.Any)
        {
            return errors;
        }

        var decodeTime = request.Deadline.Elapsed;
        metrics.RecordDecode(decodeTime, request.Kind.IsPhoto);
        var (predictions, explanation) = request.Explain
            ? await explainer.ExplainAsync(images[0], request.Reject, model, request.Deadline, cancellationToken)
            : (await batcher.ClassifyAsync(images, request.Reject, model, request.Deadline, cancellationToken), null);
        var response = Respond(request, images, predictions, explanation);
        metrics.CountPredictions(response.Responses);
        return new Answer<ClassifyResponse>(response, predictions.ModelVersion, new Timings(decodeTime, predictions.QueueTime, predictions.InferenceTime));
    }

    /// <summary>Decodes every image that has no error yet. The images are complete only if the request has no errors.</summary>
    /// <param name="request">The request; receives the errors.</param>
    /// <param name="pixels">At least [N,28,28]: receives the images, which live as long as it does.</param>
    public static IReadOnlyList<DigitImage> Decode(ImageRequest request, Memory<byte> pixels)
    {
        using var activity = ServerMetrics.Spans.StartActivity("decode");
        pixels = pixels[..(request.Files.Count * DigitImage.PixelCount)];
        for (int i = 0; i < request.Files.Count; i++)
        {
            if (!request.HasError(i) && !DigitDecoder.TryDecode(request.Files[i], pixels.Span.Slice(i * DigitImage.PixelCount, DigitImage.PixelCount), out var error))
            {
                request.Errors.AddImageError(i, error);
            }
        }

        return new DigitImages(pixels);
    }

    private async Task<IReadOnlyList<DigitImage>> NormalizeAsync(ImageRequest request, CancellationToken cancellationToken)
    {
        var images = new List<DigitImage>(request.Files.Count);
        for (int i = 0; i < request.Files.Count; i++)
        {
            if (request.HasError(i))
            {
                continue;
            }

            byte[] file = request.Files[i];
            var (image, error) = await photos.RunAsync<(DigitImage?, ImageError?)>(
                "normalize",
                () => DigitNormalizer.TryNormalize(file, out var image, out var error) ? (image, null) : (null, error),
                request.Deadline,
                cancellationToken);
            if (image is not null)
            {
                images.Add(image);
            }
            else
            {
                request.Errors.AddImageError(i, error!);
            }
        }

        return images;
    }

    private static ClassifyResponse Respond(ImageRequest request, IReadOnlyList<DigitImage> images, Predictions predictions, float[][]? explanation)
    {
        var responses = new ClassifyResponseItem[images.Count];
        for (int i = 0; i < responses.Length; i++)
        {
            var (digit, probability) = predictions[i];
            var decision = predictions.OodResults?[i].Decision;
            responses[i] = new ClassifyResponseItem(digit, probability, request.Probabilities ? predictions.Probabilities(i).ToArray() : null)
            {
                Preview = request.Preview ? DigitPng.Encode(images[i].Pixels) : null,
                Box = request.Preview ? images[i].Source : null,
                Digit = decision is null ? null : decision == OodDecision.Digit,
                Reason = decision switch
                {
                    OodDecision.LowConfidence => "low_confidence",
                    OodDecision.NotADigit => "not_a_digit",
                    _ => null,
                },
                Explanation = explanation,
            };
        }

        return new ClassifyResponse(responses);
    }
}
