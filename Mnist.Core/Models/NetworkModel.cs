using System.Numerics.Tensors;
using Mnist.Core.Imaging;
using Mnist.Core.Settings;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Core.Models;

/// <summary>The model of a weights file. It has passed the self-test.</summary>
public sealed class NetworkModel : DigitModel
{
    /// <summary>Hexadecimal digits of the SHA-256 that name a version.</summary>
    private const int VersionLength = 12;

    private readonly Network _network;
    private readonly Workspace[] _workspaces;
    private readonly Workspace[] _oodWorkspaces;
    private readonly double[][] _oodScores;     // [worker][N]

    private NetworkModel(Network network, MnistOptions options)
        : base(network.Sha256[..VersionLength])
    {
        _network = network;
        _workspaces = [.. Enumerable.Range(0, options.Workers).Select(_ => network.CreateWorkspace(options.MaxBatchSize))];
        _oodWorkspaces = network.OodDetector is { } detector ? [.. _workspaces.Select(_ => detector.CreateWorkspace(options.MaxBatchSize))] : [];
        _oodScores = [.. _oodWorkspaces.Select(_ => new double[options.MaxBatchSize])];
    }

    public override bool HasOodDetector => _network.OodDetector is not null;

    /// <summary>Loads and checks the weights file that the options name; with every worker's workspace the network classifies the digits of the self-test.</summary>
    /// <exception cref="InvalidDataException">The file cannot be used, or its network misclassifies the digits; one line with path and reason.</exception>
    public static NetworkModel Load(MnistOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var model = new NetworkModel(LoadNetwork(options.WeightsPath), options);
        int errors = Enumerable.Range(0, options.Workers).Max(worker => SelfTest.CountErrors(model, worker, options.MaxBatchSize));
        return errors <= options.MaxSelfTestErrors
            ? model
            : throw new InvalidDataException(
                $"{options.WeightsPath}: the network misreads {errors} of the {SelfTest.DigitCount} digits of the self-test, expected at most {options.MaxSelfTestErrors}");
    }

    public override void Classify(int worker, ReadOnlySpan<float> images, int batchSize, Span<float> logits) =>
        _network.Forward(images, batchSize, _workspaces[worker], logits);

    public override void DetectOod(int worker, ReadOnlySpan<float> images, ReadOnlySpan<float> probabilities, Span<OodResult> results)
    {
        var detector = _network.OodDetector!;
        double[] scores = _oodScores[worker];
        detector.Score(images, results.Length, _oodWorkspaces[worker], scores);
        for (int i = 0; i < results.Length; i++)
        {
            float probability = TensorPrimitives.Max(probabilities.Slice(i * Predictions.ClassCount, Predictions.ClassCount));
            results[i] = new OodResult(detector.Rule.Decide(scores[i], probability), scores[i]);
        }
    }

    private static Network LoadNetwork(string path)
    {
        var network = Load();
        var expected = new Shape(DigitImage.Height, DigitImage.Width, 1);
        if (network.Input != expected)
        {
            throw new InvalidDataException($"{path}: the network reads {network.Input} images, expected {expected}");
        }

        return network.ClassCount == Predictions.ClassCount
            ? network
            : throw new InvalidDataException($"{path}: the network tells {network.ClassCount} classes apart, expected {Predictions.ClassCount}");

        Network Load()
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
}
