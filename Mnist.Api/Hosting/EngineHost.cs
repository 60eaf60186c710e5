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
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await warmUp.RunAsync().WaitAsync(cancellationToken);
        metrics.Observe(admission, batcher);
        lifetime.ApplicationStopping.Register(admission.Close);
    }

    public Task StopAsync(CancellationToken cancellationToken) => batcher.StopAsync().WaitAsync(cancellationToken);
}
