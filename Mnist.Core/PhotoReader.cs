using System.Diagnostics;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Core.Observability;

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
    /// <param name="request">The images.</param>
    /// <param name="timeout">How long the answer is worth waiting for.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="cancellationToken">Set when nobody waits for the answer.</param>
    /// <exception cref="DeadlineExceededException">The time has passed; images that had no turn by then are not decoded.</exception>
    public async Task<IReadOnlyList<DigitImage>> NormalizeAsync(ClassifyRequest request, TimeSpan timeout, ValidationErrors faults, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        long start = Stopwatch.GetTimestamp();
        var images = new List<DigitImage>(request.Requests.Count);
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            byte[] file = request.Requests[i].Image;
            var (image, fault) = await TakeTurnAsync<(DigitImage? Image, ImageError? Fault)>(
                "normalize",
                () => DigitNormalizer.TryNormalize(file, out var image, out var fault) ? (image, null) : (null, fault),
                timeout - Stopwatch.GetElapsedTime(start),
                cancellationToken);
            if (image is not null)
            {
                images.Add(image);
            }
            else
            {
                faults.AddToImage(i, fault!.Message, fault.Kind);
            }
        }

        return images;
    }

    /// <summary>Does the work on one image when it has its turn, on a thread of its own: a tenth of a second on one of the pool's few would keep other requests waiting.</summary>
    /// <param name="name">What is done, for traces.</param>
    /// <param name="work">The work.</param>
    /// <param name="timeout">How long the answer is worth waiting for.</param>
    /// <param name="cancellationToken">Set when nobody waits for the answer.</param>
    /// <exception cref="DeadlineExceededException">The time has passed before the work had its turn.</exception>
    internal async Task<T> TakeTurnAsync<T>(string name, Func<T> work, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout <= TimeSpan.Zero || !await _turns.WaitAsync(timeout, cancellationToken))
        {
            throw new DeadlineExceededException("The time to answer had passed before an image had its turn.");
        }

        try
        {
            using var activity = Tracing.Source.StartActivity(name);
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
