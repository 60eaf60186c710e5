using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Settings;

namespace Mnist.Core.Batching;

/// <summary>Reloads the weights file while requests go on.</summary>
public sealed class ModelReloader(MnistOptions options, DynamicBatcher batcher, ServerMetrics metrics)
{
    private readonly Lock _oneAtATime = new();

    /// <summary>Serves what the weights file holds now. Where it cannot be used, nothing changes.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used; one line with path and reason.</exception>
    public ModelReload Reload()
    {
        lock (_oneAtATime)
        {
            bool succeeded = false;
            try
            {
                var model = NetworkModel.Load(options);
                var previous = batcher.Swap(model);
                succeeded = true;
                return new ModelReload(model.Version, previous.Version);
            }
            finally
            {
                metrics.CountReload(succeeded);
            }
        }
    }
}

/// <summary>Result of a reload.</summary>
/// <param name="ModelVersion">The version that new requests get.</param>
/// <param name="Previous">The version that they got before; the same where the file has not changed.</param>
public sealed record ModelReload(string ModelVersion, string Previous);
