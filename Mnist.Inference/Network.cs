using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>
/// A trained network, or a cascade of two, ready to classify. Immutable and safe for many threads, each with a <see cref="Workspace"/> of its own.
/// </summary>
/// <remarks>
/// The path of an image: <see cref="InputScale"/> converts its pixels to floats, <see cref="Forward"/> runs the steps of the plan that was compiled from
/// <see cref="NetworkWeights"/> (convolution, pooling, dense; see ConvolutionKernel), <see cref="Softmax"/> converts the logits to probabilities. In a
/// cascade the first network computes every image; images about which it is not confident are escalated to the second stage (see Plan/SecondStage.cs).
/// </remarks>
public sealed class Network
{
    private readonly NetworkPlan[] _plans;

    private Network(
        IReadOnlyList<NetworkWeights> stages, CascadeRule? cascade, string sha256, VectorWidth width, ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Fastest)
    {
        Stages = stages;
        Cascade = cascade;
        Sha256 = sha256;
        VectorWidth = width;
        _plans = [.. stages.Select(network => NetworkPlan.Compile(network, width, algorithm))];
    }

    /// <summary>The network; or the two networks of a cascade, that of the first stage first.</summary>
    public IReadOnlyList<NetworkWeights> Stages { get; }

    /// <summary>When a cascade escalates an image to its second stage; null for a single network.</summary>
    public CascadeRule? Cascade { get; }

    /// <summary>Out-of-distribution detector; null if the weights file has none.</summary>
    public OodDetector? OodDetector { get; private init; }

    /// <summary>SHA-256 of the weights file, lower-case hex; empty for weights that were never in a file.</summary>
    public string Sha256 { get; }

    /// <summary>Vector width of the kernels.</summary>
    public VectorWidth VectorWidth { get; }

    /// <summary>How each of the <see cref="Stages"/> is computed, step by step.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedStep>> Plans => [.. _plans.Select(plan => plan.Description)];

    /// <summary>Shape of one input image.</summary>
    public Shape Input => Stages[0].Architecture.Input;

    /// <summary>Number of logits per image.</summary>
    public int ClassCount => Stages[0].Architecture.ClassCount;

    /// <summary>Loads a weights file, of a single network or a cascade, and compiles it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Vector width; by default <see cref="VectorWidths.Best"/>.</param>
    /// <exception cref="WeightsException">The file is missing, unreadable, or does not hold a network; one line with path and reason.</exception>
    public static Network Load(string path, VectorWidth? width = null)
    {
        var file = SafeTensorsFile.Read(path);
        return WeightsException.Locate(path, () => Parse(file, width ?? VectorWidths.Best));
    }

    /// <summary>Compiles weights for a vector width; by default <see cref="VectorWidths.Best"/>.</summary>
    public static Network Create(NetworkWeights weights, VectorWidth? width = null) => new([weights], null, string.Empty, width ?? VectorWidths.Best);

    /// <summary>Compiles a cascade for a vector width; by default <see cref="VectorWidths.Best"/>.</summary>
    public static Network Create(CascadeWeights cascade, VectorWidth? width = null)
    {
        ArgumentNullException.ThrowIfNull(cascade);
        return new Network(cascade.Stages, cascade.Rule, string.Empty, width ?? VectorWidths.Best);
    }

    internal static Network Create(NetworkWeights weights, VectorWidth width, ConvolutionAlgorithm algorithm) => new([weights], null, string.Empty, width, algorithm);

    /// <summary>Mean multiply-adds per image.</summary>
    /// <param name="escalated">Share of the images that a cascade escalates, 0 to 1 (see <see cref="Workspace.Escalated"/>).</param>
    public double MeanMultiplyAdds(double escalated) => Stages[0].Architecture.MultiplyAdds
        + (Cascade is null ? 0 : escalated * CascadeRule.Shifts.Count * Stages.Sum(network => network.Architecture.MultiplyAdds));

    /// <summary>Writes the same network or cascade with another OOD detector.</summary>
    /// <param name="path">The file; replaced only by a complete one.</param>
    /// <param name="ood">The detector.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">The architectures do not fit the file's header.</exception>
    public string Save(string path, OodWeights ood) =>
        Cascade is null ? Stages[0].Save(path, ood) : new CascadeWeights(Stages[0], Stages[1], Cascade).Save(path, ood);

    /// <summary>Memory for one caller of <see cref="Forward"/>.</summary>
    /// <param name="maxBatchSize">Images of the largest batch, at least 1; the activations of all of them are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1, or more than an array can hold the activations of.</exception>
    public Workspace CreateWorkspace(int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        try
        {
            return new Workspace(this, _plans, maxBatchSize);
        }
        catch (OverflowException)
        {
            throw new ArgumentOutOfRangeException(nameof(maxBatchSize), maxBatchSize, "The activations of so many images do not fit an array: use smaller batches.");
        }
    }

    /// <summary>Logits of a batch. Allocates nothing. An image gets the same bits at every index of every batch.</summary>
    /// <param name="images">[N, H, W, C], values 0 to 1.</param>
    /// <param name="batchSize">N, from 1 to the workspace's <see cref="Workspace.MaxBatchSize"/>.</param>
    /// <param name="workspace">Made by <see cref="CreateWorkspace"/> of this network.</param>
    /// <param name="logits">Receives [N, <see cref="ClassCount"/>].</param>
    /// <exception cref="ArgumentException">A length, the batch size or the workspace does not match.</exception>
    public void Forward(ReadOnlySpan<float> images, int batchSize, Workspace workspace, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, workspace.MaxBatchSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(images.Length, (long)batchSize * Input.Size, nameof(images));
        ArgumentOutOfRangeException.ThrowIfLessThan(logits.Length, (long)batchSize * ClassCount, nameof(logits));
        if (!workspace.BelongsTo(this))
        {
            throw new ArgumentException("The workspace belongs to another network: use CreateWorkspace of this one.", nameof(workspace));
        }

        workspace.Run(images, batchSize, logits[..(batchSize * ClassCount)]);
    }

    private static Network Parse(SafeTensorsFile file, VectorWidth width)
    {
        var ood = OodWeights.Parse(file);
        var own = OodWeights.Without(file);
        var cascade = CascadeWeights.Parse(own);
        var network = new Network(cascade?.Stages ?? [NetworkWeights.Parse(own.Tensors, own.Metadata)], cascade?.Rule, file.Sha256, width)
        {
            OodDetector = ood is null ? null : new OodDetector(Create(ood.Network, width), ood.Rule),
        };
        return network.OodDetector is not { } detector || detector.Network.Input == network.Input
            ? network
            : throw new InvalidDataException($"the OOD detector ('reject') reads {detector.Network.Input} images, expected {network.Input} as the network does");
    }
}
