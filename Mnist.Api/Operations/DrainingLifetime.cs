using System.Runtime.InteropServices;
using Mnist.Core.Admission;
using Mnist.Core.Settings;

namespace Mnist.Api.Operations;

/// <summary>
/// Stops the process. After SIGTERM, which orchestrators send, it is no longer ready, and stops after the drain delay: load balancers stop sending requests
/// before the port closes. Ctrl+C stops without delay. A second SIGTERM changes nothing.
/// </summary>
internal sealed class DrainingLifetime(MnistOptions options, AdmissionControl admission, IHostApplicationLifetime lifetime, Serilog.ILogger logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _isDraining;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Drain));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lifetime.StopApplication();
    }

    private void Drain(PosixSignalContext signal)
    {
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            Stop(signal);
            return;
        }

        signal.Cancel = true;
        if (Interlocked.Exchange(ref _isDraining, 1) == 0)
        {
            admission.BeginDrain();
            logger.Information("Draining for {DrainDelay}, then stopping", options.DrainDelay);
            _ = StopLaterAsync();
        }
    }

    private async Task StopLaterAsync()
    {
        await Task.Delay(options.DrainDelay);
        lifetime.StopApplication();
    }
}
