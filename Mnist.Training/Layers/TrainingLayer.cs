using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>One layer of a <see cref="TrainingNetwork"/>: memory for what it makes of a shard of the batch.</summary>
/// <remarks>
/// Memory traffic is a good part of the time. So a layer has memory for all images of the shard only where something has to wait for all of them;
/// elsewhere the next images take the place of those before, which is still in the cache.
/// </remarks>
internal abstract class TrainingLayer
{
    /// <summary>Images of a large grid whose activations and gradients stay in a core's second-level cache.</summary>
    private const int LargeImagesAtOnce = 8;

    private readonly AlignedBuffer _output;
    private readonly AlignedBuffer _outputGradient;
    private readonly bool _keepsOutputs;

    /// <param name="previous">The layer that this one reads; null for the input.</param>
    /// <param name="output">Layout of the outputs: its border is what the reader wants.</param>
    /// <param name="gradient">Layout of their gradients: its border is what this layer's backward pass wants.</param>
    /// <param name="images">Images in the shard.</param>
    /// <param name="keepsOutputs">Whether there is memory for the outputs of all images and for the gradients of some, or the other way round.</param>
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

    /// <summary>Most images that a step may be taken with: all of the shard on small grids, where weights need more memory than activations.</summary>
    public int ImagesAtOnce { get; }

    protected TrainingLayer? Previous { get; }

    /// <summary>Images in the shard.</summary>
    protected int Images { get; }

    /// <summary>The layer before, for layers that always have one.</summary>
    protected TrainingLayer Source => Previous!;

    /// <summary>Whether anything before this layer is trained: the input needs no gradient.</summary>
    protected bool SourceNeedsGradient => Previous is { Previous: not null };

    /// <summary>What the layer makes of these images.</summary>
    public Span<float> Outputs(ImageRange images) => Of(_output, OutputLayout, images, _keepsOutputs);

    /// <summary>Gradient of the loss by <see cref="Outputs"/>; written by the layer that reads them.</summary>
    public Span<float> OutputGradients(ImageRange images) => Of(_outputGradient, GradientLayout, images, !_keepsOutputs);

    private static Span<float> Of(AlignedBuffer buffer, TensorLayout layout, ImageRange images, bool keeps) =>
        buffer.Span.Slice(keeps ? images.First * layout.ImageStride : 0, images.Count * layout.ImageStride);
}

/// <summary>The images themselves.</summary>
internal sealed class InputLayer(TensorLayout layout, int images) : TrainingLayer(null, layout, layout, images)
{
    /// <summary>Copies one image of dense rows into its place inside the border.</summary>
    public void SetImage(int index, ReadOnlySpan<float> image) => OutputLayout.CopyInside(image, Outputs(new ImageRange(index, 1)));
}
