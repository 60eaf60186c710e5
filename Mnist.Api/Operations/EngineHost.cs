using Mnist.Core.Admission;
using Mnist.Core.Batching;
using Mnist.Core.Metrics;

namespace Mnist.Api.Operations;

/// <summary>
/// Ties the engine to the lifetime of the process: warm before the port opens, closed to new requests when the web server stops, and stopped after the last
/// admitted request is answered, because the web server, started last, is stopped first.
/// </summary>
internal sealed class EngineHost(
    WarmUp warmUp, DynamicBatcher batcher, AdmissionControl admission, ServerMetrics metrics, IHostApplicationLifetime lifetime) : IHostedService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await warmUp.RunAsync().WaitAsync(cancellationToken);
        metrics.Observe(() => admission.InFlight, () => batcher.QueuedImages, () => batcher.StuckWorkers, () => batcher.Model.Version);
        lifetime.ApplicationStopping.Register(admission.Close);
    }

    /// <exception cref="OperationCanceledException">A worker is stuck.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var stopped = batcher.StopAsync();
        try
        {
            await stopped.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Clients that went on sending may have used up the shutdown timeout; workers that are not stuck still end.
            await Task.WhenAny(stopped, Task.Delay(Grace, CancellationToken.None));
            if (!stopped.IsCompleted)
            {
                throw;
            }
        }
    }
}
