using Mnist.Core.Metrics;
using Mnist.Core.Requests;
using Mnist.Core.Settings;

namespace Mnist.Core;

/// <summary>
/// Limits how many photos are decoded and normalized at a time to the number of engine workers: each may take 100 MB while its pixels are decoded. A request
/// waits for each of its photos anew, so that one with many does not keep the others waiting.
/// </summary>
public sealed class PhotoLimiter(MnistOptions options) : IDisposable
{
    private readonly SemaphoreSlim _limit = new(options.Workers);

    /// <summary>Does the work on one photo, on a thread of its own: it takes up to a tenth of a second, too long for the few threads of the pool.</summary>
    /// <param name="name">Name of the span in traces.</param>
    /// <param name="work">The work.</param>
    /// <param name="deadline">How long the answer is worth waiting for.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <exception cref="DeadlineExceededException">The deadline passed before the work could begin.</exception>
    internal async Task<T> RunAsync<T>(string name, Func<T> work, Deadline deadline, CancellationToken cancellationToken)
    {
        var remaining = deadline.Remaining;
        if (remaining <= TimeSpan.Zero || !await _limit.WaitAsync(remaining, cancellationToken))
        {
            throw new DeadlineExceededException("The deadline passed before a photo could be decoded.");
        }

        try
        {
            using var activity = ServerMetrics.Spans.StartActivity(name);
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _limit.Release();
        }
    }

    public void Dispose() => _limit.Dispose();
}
