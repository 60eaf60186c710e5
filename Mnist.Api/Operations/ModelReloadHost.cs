using System.Runtime.InteropServices;
using Mnist.Core.Batching;

namespace Mnist.Api.Operations;

/// <summary>Reloads the weights file on SIGHUP and for the management port, and logs the result.</summary>
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

    /// <summary>The result of a reload; null, with the reason in <paramref name="error"/>, where the previous version stays in use.</summary>
    public ModelReload? TryReload(out string? error)
    {
        error = null;
        try
        {
            var reload = reloader.Reload();
            logger.Information("Weights reloaded: {ModelVersion}, before {Previous}", reload.ModelVersion, reload.Previous);
            return reload;
        }
#pragma warning disable CA1031 // Whatever is wrong with the file must not end a process that serves the previous version.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception.Message;
            logger.Error(exception is InvalidDataException ? null : exception, "Weights not reloaded: {Reason}", error);
            return null;
        }
    }
}
