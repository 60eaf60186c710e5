using Mnist.Core;
using Mnist.Core.Batching;

namespace Mnist.Api.Hosting;

/// <summary>
/// Ties the engine to the life of the process: warm before the port opens; closed to new requests when the process is told to stop;
/// stopped after the last accepted request is answered, because the web server, started last, is stopped first.
/// </summary>
internal sealed class EngineHost(RequestParser parser, DynamicBatcher batcher, Admission admission, IHostApplicationLifetime lifetime) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await WarmUp.RunAsync(parser, batcher, cancellationToken);
        lifetime.ApplicationStopping.Register(admission.Close);
    }

    public Task StopAsync(CancellationToken cancellationToken) => batcher.StopAsync().WaitAsync(cancellationToken);
}
