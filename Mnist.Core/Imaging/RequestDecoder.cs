using Mnist.Core.Contract;

namespace Mnist.Core.Imaging;

/// <summary>Decodes the images of a request.</summary>
public static class RequestDecoder
{
    /// <summary>
    /// Decodes every image that is not at fault already, and adds those that cannot be decoded to <paramref name="faults"/>.
    /// The result is whole when there are no faults.
    /// </summary>
    public static IReadOnlyList<DigitImage> Decode(ClassifyRequest request, RequestFaults faults)
    {
        var images = new List<DigitImage>(request.Requests.Count);
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Any && faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            if (DigitDecoder.TryDecode(request.Requests[i].Image, out var image, out string? fault))
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
