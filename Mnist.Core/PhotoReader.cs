using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;

namespace Mnist.Core;

/// <summary>
/// Normalizes the images of requests, as many at a time as there are workers: each may take 100 MB while its pixels are decoded. Requests take turns
/// after every image.
/// </summary>
public sealed class PhotoReader(MnistOptions options) : IDisposable
{
    private readonly SemaphoreSlim _turns = new(options.Workers);

    /// <summary>
    /// Normalizes every image that is not at fault already, and adds those in which no digit was found to <paramref name="faults"/>.
    /// The result is whole when there are no faults.
    /// </summary>
    /// <exception cref="DeadlineExceededException">Others kept the server busy for longer than the deadline.</exception>
    public async Task<IReadOnlyList<DigitImage>> NormalizeAsync(ClassifyRequest request, RequestFaults faults, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        var images = new List<DigitImage>(request.Requests.Count);
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            if (!await _turns.WaitAsync(options.Deadline, cancellationToken))
            {
                throw new DeadlineExceededException($"The request was not normalized within {options.Deadline.TotalSeconds} s.");
            }

            try
            {
                if (DigitNormalizer.TryNormalize(request.Requests[i].Image, out var image, out var fault))
                {
                    images.Add(image);
                }
                else
                {
                    faults.AddToImage(i, fault.Message, fault.Kind);
                }
            }
            finally
            {
                _turns.Release();
            }
        }

        return images;
    }

    public void Dispose() => _turns.Dispose();
}
