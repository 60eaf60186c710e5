using System.Runtime.InteropServices;
using Mnist.Core.Batching;

namespace Mnist.Api.Hosting;

/// <summary>Loads the weights file again on SIGHUP and for the management port, and logs what came of it.</summary>
internal sealed class ModelReloadHost(ModelReloader reloader, Serilog.ILogger logger) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _hangUp;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            TryReload(out _);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _hangUp?.Dispose();

    /// <summary>What the reload did; null, with the reason in <paramref name="fault"/>, when the version before stays.</summary>
    public ModelReload? TryReload(out string? fault)
    {
        fault = null;
        try
        {
            var reload = reloader.Reload();
            logger.Information("Weights reloaded: {ModelVersion}, before {Previous}", reload.ModelVersion, reload.Previous);
            return reload;
        }
#pragma warning disable CA1031 // Whatever is wrong with the file: it must not end a process that serves the version before.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = exception.Message;
            logger.Error(exception is InvalidDataException ? null : exception, "Weights not reloaded: {Reason}", fault);
            return null;
        }
    }
}
