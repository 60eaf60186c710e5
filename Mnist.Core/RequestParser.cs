using System.Buffers;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Observability;

namespace Mnist.Core;

/// <summary>From the bytes of a body to images, collecting every fault on the way.</summary>
public sealed class RequestParser(MnistOptions options)
{
    private readonly ClassifyRequestValidator _digits = new(options);
    private readonly ClassifyRequestValidator _photos = new(options, normalize: true);

    /// <summary>Reads and validates a whole body.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="normalize">Whether the images may be of any size.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <returns>A request of at most <see cref="MnistOptions.MaxImagesPerRequest"/> images; null when there is nothing to decode.</returns>
    public ClassifyRequest? Parse(in ReadOnlySequence<byte> body, bool normalize, ValidationErrors faults)
    {
        var request = ClassifyRequestReader.Read(body, options.MaxImagesPerRequest, faults);
        if (request is null)
        {
            return null;
        }

        (normalize ? _photos : _digits).Validate(request, faults);
        return request.Count <= options.MaxImagesPerRequest ? request : null;
    }

    /// <summary>
    /// Pooled memory for a request's pixels [N,28,28], to be disposed when nobody waits for its images any more. A worker that still reads it then spoils
    /// an answer that is thrown away.
    /// </summary>
    public static IMemoryOwner<byte> RentPixels(ClassifyRequest? request) =>
        MemoryPool<byte>.Shared.Rent((request?.Requests.Count ?? 0) * DigitImage.PixelCount);

    /// <summary>
    /// Decodes every image that is not at fault already, and adds those that cannot be decoded to <paramref name="faults"/>.
    /// The result is whole when there are no faults.
    /// </summary>
    /// <param name="request">The images.</param>
    /// <param name="pixels">At least [N,28,28]: the images are decoded into it, and live as long as it does.</param>
    /// <param name="faults">Receives what is wrong.</param>
    public static IReadOnlyList<DigitImage> Decode(ClassifyRequest request, Memory<byte> pixels, ValidationErrors faults)
    {
        using var activity = Tracing.Source.StartActivity("decode");
        pixels = pixels[..(request.Requests.Count * DigitImage.PixelCount)];
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Any && faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            if (DigitDecoder.FindFaultOrRead(request.Requests[i].Image, pixels.Span.Slice(i * DigitImage.PixelCount, DigitImage.PixelCount)) is { } fault)
            {
                faults.AddToImage(i, fault);
            }
        }

        return new DigitImages(pixels);
    }
}
