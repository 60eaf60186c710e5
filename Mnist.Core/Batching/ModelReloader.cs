using Mnist.Core.Observability;

namespace Mnist.Core.Batching;

/// <summary>Loads the weights file again while requests go on.</summary>
public sealed class ModelReloader(MnistOptions options, DynamicBatcher batcher, ServerMetrics metrics)
{
    private readonly Lock _oneAtATime = new();

    /// <summary>Replaces the served version by what the weights file holds now. When that cannot be used, nothing changes.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used; one line with path and reason.</exception>
    public ModelReload Reload()
    {
        lock (_oneAtATime)
        {
            bool succeeded = false;
            try
            {
                var model = DigitModel.Load(options);
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

/// <summary>What a reload did.</summary>
/// <param name="ModelVersion">The version that new requests get.</param>
/// <param name="Previous">The version that they got before; the same one when the file had not changed.</param>
public sealed record ModelReload(string ModelVersion, string Previous);
