using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>One layer of a <see cref="TrainingNetwork"/>, with the memory for its outputs and their gradients for a shard of the batch.</summary>
/// <remarks>
/// Training is limited by memory traffic. A layer stores values for all images of the shard only if a later step needs all of them at once;
/// otherwise each range of images overwrites the one before, which is still in the cache.
/// </remarks>
internal abstract class TrainingLayer
{
    /// <summary>Number of images whose activations and gradients on a large grid fit into a core's second-level cache.</summary>
    private const int LargeImagesAtOnce = 8;

    private readonly AlignedBuffer _output;
    private readonly AlignedBuffer _outputGradient;
    private readonly bool _keepsOutputs;

    /// <param name="previous">The layer that this one reads; null for the input.</param>
    /// <param name="output">Layout of the outputs, with the border that the next layer needs.</param>
    /// <param name="gradient">Layout of their gradients, with the border that this layer's backward pass needs.</param>
    /// <param name="images">Images in the shard.</param>
    /// <param name="keepsOutputs">True to store outputs of all images and gradients of one range; false for the reverse.</param>
    protected TrainingLayer(TrainingLayer? previous, TensorLayout output, TensorLayout gradient, int images, bool keepsOutputs = true)
    {
        Previous = previous;
        OutputLayout = output;
        GradientLayout = gradient;
        Images = images;
        ImagesAtOnce = output.Height * output.Width < NetworkPlan.LargeGrid ? images : Math.Min(images, LargeImagesAtOnce);
        _keepsOutputs = keepsOutputs;
        _output = new AlignedBuffer((keepsOutputs ? images : ImagesAtOnce) * output.ImageStride);
        _outputGradient = new AlignedBuffer(previous is null ? 0 : (keepsOutputs ? ImagesAtOnce : images) * gradient.ImageStride);
    }

    public TensorLayout OutputLayout { get; }

    public TensorLayout GradientLayout { get; }

    /// <summary>Largest range of images that a step should process: the whole shard on small grids, whose weights are larger than their activations.</summary>
    public int ImagesAtOnce { get; }

    protected TrainingLayer? Previous { get; }

    /// <summary>Images in the shard.</summary>
    protected int Images { get; }

    /// <summary>The layer before; only for layers that have one.</summary>
    protected TrainingLayer Source => Previous!;

    /// <summary>Whether the source's gradient is needed: not if the source is the input.</summary>
    protected bool SourceNeedsGradient => Previous is { Previous: not null };

    /// <summary>The layer's outputs for these images.</summary>
    public Span<float> Outputs(ImageRange images) => Of(_output, OutputLayout, images, _keepsOutputs);

    /// <summary>Gradient of the loss by <see cref="Outputs"/>, written by the next layer's backward pass.</summary>
    public Span<float> OutputGradients(ImageRange images) => Of(_outputGradient, GradientLayout, images, !_keepsOutputs);

    private static Span<float> Of(AlignedBuffer buffer, TensorLayout layout, ImageRange images, bool keeps) =>
        buffer.Span.Slice(keeps ? images.First * layout.ImageStride : 0, images.Count * layout.ImageStride);
}

/// <summary>The input images.</summary>
internal sealed class InputLayer(TensorLayout layout, int images) : TrainingLayer(null, layout, layout, images)
{
    /// <summary>Copies one image [H, W, C] without border into the shard.</summary>
    public void SetImage(int index, ReadOnlySpan<float> image) => OutputLayout.CopyInside(image, Outputs(new ImageRange(index, 1)));
}
