using Mnist.Core.Batching;
using Mnist.Core.Observability;

namespace Mnist.Api.Hosting;

/// <summary>
/// Ties the engine to the life of the process: warm before the port opens; closed to new requests when the web server stops;
/// stopped after the last accepted request is answered, because the web server, started last, is stopped first.
/// </summary>
internal sealed class EngineHost(
    WarmUp warmUp, DynamicBatcher batcher, Admission admission, ServerMetrics metrics, IHostApplicationLifetime lifetime) : IHostedService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await warmUp.RunAsync().WaitAsync(cancellationToken);
        metrics.Observe(admission, batcher);
        lifetime.ApplicationStopping.Register(admission.Close);
    }

    /// <exception cref="OperationCanceledException">A worker hangs.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var stopped = batcher.StopAsync();
        try
        {
            await stopped.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Clients that went on sending may have used up the time of the host: workers that do not hang end all the same.
            await Task.WhenAny(stopped, Task.Delay(Grace, CancellationToken.None));
            if (!stopped.IsCompleted)
            {
                throw;
            }
        }
    }
}
