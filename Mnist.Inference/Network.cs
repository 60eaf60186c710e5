using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>
/// A trained network, or a cascade of several, ready to classify. Immutable and safe for many threads, each with a <see cref="Workspace"/> of its own.
/// </summary>
/// <remarks>
/// The way of an image: <see cref="InputScale"/> makes floats of its pixels, <see cref="Forward"/> runs the steps of the plan that was
/// compiled from <see cref="NetworkWeights"/> (convolution, pooling, dense; see ConvolutionKernel), <see cref="Softmax"/> makes probabilities.
/// In a cascade the first member's plan does that, and where it is not sure the others' do, too (see Plan/Cascade.cs).
/// </remarks>
public sealed class Network
{
    private readonly NetworkPlan[] _plans;

    private Network(
        IReadOnlyList<NetworkWeights> members, CascadeRule? cascade, string sha256, VectorWidth path, ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Fastest)
    {
        Stages = members;
        Cascade = cascade;
        Sha256 = sha256;
        VectorWidth = path;
        _plans = [.. members.Select(member => NetworkPlan.Compile(member, path, algorithm))];
    }

    /// <summary>The network; or the networks of a cascade's stages, of which the first one computes every image.</summary>
    public IReadOnlyList<NetworkWeights> Stages { get; }

    /// <summary>When and how a cascade asks all its members; null for a single network.</summary>
    public CascadeRule? Cascade { get; }

    /// <summary>Tells digits from other images; null where the weights file has nothing that does.</summary>
    public OodDetector? OodDetector { get; private init; }

    /// <summary>SHA-256 of the weights file, lower-case hex; empty for weights that were never in a file.</summary>
    public string Sha256 { get; }

    /// <summary>Vector width of the kernels.</summary>
    public VectorWidth VectorWidth { get; }

    /// <summary>How each of the <see cref="Stages"/> is computed, step by step.</summary>
    public IReadOnlyList<IReadOnlyList<PlannedStep>> Plans => [.. _plans.Select(plan => plan.Description)];

    /// <summary>Shape of one input image.</summary>
    public Shape Input => Stages[0].Architecture.Input;

    /// <summary>Number of logits an image gets.</summary>
    public int ClassCount => Stages[0].Architecture.ClassCount;

    /// <summary>Loads a weights file, of a network or of a cascade, and compiles it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Vector width; by default <see cref="VectorWidths.Best"/>.</param>
    /// <exception cref="WeightsException">The file is missing, unreadable, or does not hold a network; one line with path and reason.</exception>
    public static Network Load(string path, VectorWidth? width = null)
    {
        var whole = SafeTensorsFile.Read(path);
        var reject = OodWeights.FromFile(path, whole);
        var file = OodWeights.Without(whole);
        var cascade = CascadeWeights.IsIn(file) ? CascadeWeights.FromFile(path, file) : null;
        var network = new Network(cascade?.Members ?? [NetworkWeights.FromFile(path, file)], cascade?.Rule, file.Sha256, width ?? VectorWidths.Best)
        {
            OodDetector = reject is null ? null : new OodDetector(Create(reject.Network, width), reject.Rule),
        };
        return network.OodDetector is not { } detector || detector.Network.Input == network.Input
            ? network
            : throw new WeightsException($"{path}: 'reject' reads {detector.Network.Input} images, expected {network.Input}");
    }

    /// <summary>Compiles weights for a vector width; by default <see cref="VectorWidths.Best"/>.</summary>
    public static Network Create(NetworkWeights weights, VectorWidth? path = null) => new([weights], null, string.Empty, path ?? VectorWidths.Best);

    /// <summary>Compiles a cascade for a vector width; by default <see cref="VectorWidths.Best"/>.</summary>
    public static Network Create(CascadeWeights cascade, VectorWidth? path = null)
    {
        ArgumentNullException.ThrowIfNull(cascade);
        return new Network(cascade.Members, cascade.Rule, string.Empty, path ?? VectorWidths.Best);
    }

    internal static Network Create(NetworkWeights weights, VectorWidth path, ConvolutionAlgorithm algorithm) => new([weights], null, string.Empty, path, algorithm);

    /// <summary>Multiply-adds for one image on average.</summary>
    /// <param name="escalated">Share of the images, 0 to 1, about which a cascade asks all its members (see <see cref="Workspace.Escalated"/>).</param>
    public double MeanMultiplyAdds(double escalated) =>
        Stages[0].Architecture.MultiplyAdds + (Cascade is null ? 0 : escalated * Cascade.Views * Stages.Sum(member => member.Architecture.MultiplyAdds));

    /// <summary>Writes the same network or cascade with something else to tell digits from other images by.</summary>
    /// <param name="path">The file; replaced only by a complete one.</param>
    /// <param name="reject">What tells them apart.</param>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    /// <exception cref="WeightsException">The architectures are too many for the file's header.</exception>
    public string Save(string path, OodWeights reject) =>
        Cascade is null ? Stages[0].Save(path, reject) : new CascadeWeights(Stages, Cascade).Save(path, reject);

    /// <summary>Memory for one caller of <see cref="Forward"/>.</summary>
    /// <param name="maxBatchSize">The most images of a call, at least one; the activations of all of them are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one, or so many that a layer's activations do not fit an array.</exception>
    public Workspace CreateWorkspace(int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        try
        {
            return new Workspace(this, _plans, maxBatchSize);
        }
        catch (OverflowException)
        {
            throw new ArgumentOutOfRangeException(nameof(maxBatchSize), maxBatchSize, "So many images at a time do not fit an array: use several calls.");
        }
    }

    /// <summary>Logits of a batch. Allocates nothing. An image gets the same bits at every place in every batch.</summary>
    /// <param name="images">[N, H, W, C], values 0 to 1.</param>
    /// <param name="batchSize">N, at most the workspace's <see cref="Workspace.MaxBatchSize"/>.</param>
    /// <param name="workspace">Made by <see cref="CreateWorkspace"/> of this network.</param>
    /// <param name="logits">Receives [N, <see cref="ClassCount"/>].</param>
    /// <exception cref="ArgumentException">One of them is not as said.</exception>
    public void Forward(ReadOnlySpan<float> images, int batchSize, Workspace workspace, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, workspace.MaxBatchSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(images.Length, (long)batchSize * Input.Size, nameof(images));
        ArgumentOutOfRangeException.ThrowIfLessThan(logits.Length, (long)batchSize * ClassCount, nameof(logits));
        if (!workspace.BelongsTo(this))
        {
            throw new ArgumentException("The workspace was made by another network.", nameof(workspace));
        }

        workspace.Run(images, batchSize, logits[..(batchSize * ClassCount)]);
    }
}
