using System.Diagnostics;
using Mnist.Core.Batching;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
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
    public async Task<IReadOnlyList<DigitImage>> NormalizeAsync(ClassifyRequest request, TimeSpan timeout, RequestFaults faults, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        using var activity = Tracing.Source.StartActivity("normalize");
        long start = Stopwatch.GetTimestamp();
        var images = new List<DigitImage>(request.Requests.Count);
        for (int i = 0; i < request.Requests.Count; i++)
        {
            if (faults.Contains(ClassifyRequest.ImagePath(i)))
            {
                continue;
            }

            var left = timeout - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !await _turns.WaitAsync(left, cancellationToken))
            {
                throw new DeadlineExceededException($"{i} of {request.Requests.Count} images were normalized within {timeout.TotalSeconds} s.");
            }

            try
            {
                byte[] file = request.Requests[i].Image;
                var (image, fault) = await RunAsync(() => DigitNormalizer.TryNormalize(file, out var image, out var fault) ? (image, null) : (null, fault));
                if (image is not null)
                {
                    images.Add(image);
                }
                else
                {
                    faults.AddToImage(i, fault!.Message, fault.Kind);
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

    /// <summary>On a thread of its own: a tenth of a second on one of the pool's few would keep other requests waiting.</summary>
    private static Task<(DigitImage? Image, ImageFault? Fault)> RunAsync(Func<(DigitImage? Image, ImageFault? Fault)> normalize) =>
        Task.Factory.StartNew(normalize, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
