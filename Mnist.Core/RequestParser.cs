using System.Buffers;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
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
    public ClassifyRequest? Parse(in ReadOnlySequence<byte> body, bool normalize, RequestFaults faults)
    {
        var request = ClassifyRequestReader.Read(body, options.MaxImagesPerRequest, faults);
        if (request is null)
        {
            return null;
        }

        (normalize ? _photos : _digits).Validate(request, faults);
        return request.Requests.Count <= options.MaxImagesPerRequest ? request : null;
    }

    /// <summary>
    /// Decodes every image that is not at fault already, and adds those that cannot be decoded to <paramref name="faults"/>.
    /// The result is whole when there are no faults.
    /// </summary>
    public static IReadOnlyList<DigitImage> Decode(ClassifyRequest request, RequestFaults faults)
    {
        using var activity = Tracing.Source.StartActivity("decode");
        var images = new List<DigitImage>(request.Requests.Count);

        // One array, not one for each image: what waits in the queue is moved by the garbage collector.
        var pixels = new byte[request.Requests.Count * DigitImage.PixelCount].AsMemory();
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Any && faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            if (DigitDecoder.TryDecode(request.Requests[i].Image, pixels.Slice(i * DigitImage.PixelCount, DigitImage.PixelCount), out var image, out string? fault))
            {
                images.Add(image);
            }
            else
            {
                faults.AddToImage(i, fault);
            }
        }

        return images;
    }
}
