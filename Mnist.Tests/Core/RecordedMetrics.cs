using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Mnist.Core.Metrics;

namespace Mnist.Tests.Core;

/// <summary>The metrics of one server, and what is recorded of them. Servers of other tests have meters of the same name.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string? Tag)> _measurements = [];

    public RecordedMetrics()
    {
        // Whoever makes an instrument publishes it, on its own thread: servers of other tests may start at the same moment.
        int us = Environment.CurrentManagedThreadId;
        bool isOurs = false;
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (isOurs && Environment.CurrentManagedThreadId == us)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>(Record);
        _listener.SetMeasurementEventCallback<long>(Record);
        _listener.SetMeasurementEventCallback<double>(Record);
        _listener.Start();
        isOurs = true;
        Metrics = new ServerMetrics();
        isOurs = false;
    }

    public ServerMetrics Metrics { get; }

    /// <summary>Value and first tag of what one instrument has recorded, or was asked for.</summary>
    public IEnumerable<(double Value, string? Tag)> Of(string name) =>
        from measurement in _measurements where measurement.Name == name select (measurement.Value, measurement.Tag);

    /// <summary>Asks the instruments that only tell when they are asked.</summary>
    public void Ask() => _listener.RecordObservableInstruments();

    public void Dispose()
    {
        _listener.Dispose();
        Metrics.Dispose();
    }

    private void Record<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : struct, IConvertible =>
        _measurements.Enqueue((instrument.Name, value.ToDouble(null), tags.Length > 0 ? tags[0].Value?.ToString() : null));
}
