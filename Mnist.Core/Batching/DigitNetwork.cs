using Mnist.Core.Imaging;
using Mnist.Inference;

namespace Mnist.Core.Batching;

/// <summary>A network that fits the contract: one 28x28 grey image in, ten logits out.</summary>
public sealed class DigitNetwork
{
    private readonly Network _network;

    private DigitNetwork(Network network) => _network = network;

    /// <summary>SHA-256 of the weights file, lower-case hex.</summary>
    public string Sha256 => _network.Sha256;

    /// <exception cref="WeightsException">The file does not hold a network, or one for another task; one line with path and reason.</exception>
    public static DigitNetwork Load(string path)
    {
        var network = Network.Load(path);
        var expected = new Shape(DigitImage.Height, DigitImage.Width, 1);
        var found = network.Weights.Architecture.Input;
        if (found != expected)
        {
            throw new WeightsException($"{path}: the network reads {found} images, expected {expected}");
        }

        return network.ClassCount == Predictions.ClassCount
            ? new DigitNetwork(network)
            : throw new WeightsException($"{path}: the network tells {network.ClassCount} classes apart, expected {Predictions.ClassCount}");
    }

    /// <summary>A forward pass with a workspace of its own.</summary>
    public BatchForward CreateForward(int maxBatchSize)
    {
        var workspace = _network.CreateWorkspace(maxBatchSize);
        return (images, batchSize, logits) => _network.Forward(images, batchSize, workspace, logits);
    }
}
