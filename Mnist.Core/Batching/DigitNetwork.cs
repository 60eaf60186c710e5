using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Core.Batching;

/// <summary>A network that fits the contract: one 28x28 grey image in, ten logits out.</summary>
public sealed class DigitNetwork
{
    private readonly Network _network;

    private DigitNetwork(Network network) => _network = network;

    /// <summary>SHA-256 of the weights file, lower-case hex.</summary>
    public string Sha256 => _network.Sha256;

    /// <exception cref="InvalidDataException">The file does not hold a network, or one for another task; one line with path and reason.</exception>
    public static DigitNetwork Load(string path)
    {
        var network = LoadAny(path);
        var expected = new Shape(DigitImage.Height, DigitImage.Width, 1);
        var found = network.Input;
        if (found != expected)
        {
            throw new InvalidDataException($"{path}: the network reads {found} images, expected {expected}");
        }

        return network.ClassCount == Predictions.ClassCount
            ? new DigitNetwork(network)
            : throw new InvalidDataException($"{path}: the network tells {network.ClassCount} classes apart, expected {Predictions.ClassCount}");
    }

    /// <summary>A forward pass with a workspace of its own.</summary>
    public BatchForward CreateForward(int maxBatchSize)
    {
        var workspace = _network.CreateWorkspace(maxBatchSize);
        return (images, batchSize, logits) => _network.Forward(images, batchSize, workspace, logits);
    }

    /// <summary>What judges images, with a workspace of its own; null where the weights file has nothing that tells digits from other images.</summary>
    public BatchJudge? CreateJudge(int maxBatchSize)
    {
        if (_network.OodDetector is not { } detector)
        {
            return null;
        }

        var workspace = detector.CreateWorkspace(maxBatchSize);
        double[] scores = new double[maxBatchSize];
        return (images, probabilities, judgements) =>
        {
            detector.Score(images, judgements.Length, workspace, scores);
            for (int i = 0; i < judgements.Length; i++)
            {
                float probability = TensorPrimitives.Max(probabilities.Slice(i * Predictions.ClassCount, Predictions.ClassCount));
                judgements[i] = new OodResult(detector.Rule.Decide(scores[i], probability), scores[i]);
            }
        };
    }

    private static Network LoadAny(string path)
    {
        try
        {
            return Network.Load(path);
        }
        catch (WeightsException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }
}
