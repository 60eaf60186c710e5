using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>
/// A trained network, ready to classify. Immutable and safe for many threads, each with a <see cref="Workspace"/> of its own.
/// </summary>
/// <remarks>
/// The way of an image: <see cref="InputScale"/> makes floats of its pixels, <see cref="Forward"/> runs the steps of the plan that was
/// compiled from <see cref="NetworkWeights"/> (convolution, pooling, dense; see ConvolutionKernel), <see cref="Softmax"/> makes probabilities.
/// </remarks>
public sealed class Network
{
    private readonly NetworkPlan _plan;

    private Network(NetworkWeights weights, string sha256, SimdPath path, ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Fastest)
    {
        Weights = weights;
        Sha256 = sha256;
        SimdPath = path;
        _plan = NetworkPlan.Compile(weights, path, algorithm);
    }

    public NetworkWeights Weights { get; }

    /// <summary>SHA-256 of the weights file, lower-case hex; empty for weights that were never in a file.</summary>
    public string Sha256 { get; }

    /// <summary>Vector width of the kernels.</summary>
    public SimdPath SimdPath { get; }

    /// <summary>Number of logits an image gets.</summary>
    public int ClassCount => Weights.Architecture.ClassCount;

    /// <summary>Loads a weights file and compiles it for <see cref="SimdPaths.Best"/>.</summary>
    /// <exception cref="WeightsException">The file is missing, unreadable, or does not hold a network; one line with path and reason.</exception>
    public static Network Load(string path)
    {
        var file = SafeTensorsFile.Read(path);
        return new Network(NetworkWeights.FromFile(path, file), file.Sha256, SimdPaths.Best);
    }

    /// <summary>Compiles weights for a vector width; by default <see cref="SimdPaths.Best"/>.</summary>
    public static Network Create(NetworkWeights weights, SimdPath? path = null) => new(weights, string.Empty, path ?? SimdPaths.Best);

    internal static Network Create(NetworkWeights weights, SimdPath path, ConvolutionAlgorithm algorithm) => new(weights, string.Empty, path, algorithm);

    public Workspace CreateWorkspace(int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        return new Workspace(_plan, maxBatchSize);
    }

    /// <summary>Logits of a batch. Allocates nothing. An image gets the same bits at every place in every batch.</summary>
    /// <param name="images">[N, H, W, C], values 0 to 1.</param>
    /// <param name="batchSize">N, at most the workspace's <see cref="Workspace.MaxBatchSize"/>.</param>
    /// <param name="workspace">Made by <see cref="CreateWorkspace"/> of this network.</param>
    /// <param name="logits">Receives [N, <see cref="ClassCount"/>].</param>
    public void Forward(ReadOnlySpan<float> images, int batchSize, Workspace workspace, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, workspace.MaxBatchSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(images.Length, batchSize * Weights.Architecture.Input.Size, nameof(images));
        ArgumentOutOfRangeException.ThrowIfLessThan(logits.Length, batchSize * ClassCount, nameof(logits));
        if (!workspace.BelongsTo(_plan))
        {
            throw new ArgumentException("The workspace was made by another network.", nameof(workspace));
        }

        workspace.Run(images, batchSize, ClassCount, logits);
    }
}
