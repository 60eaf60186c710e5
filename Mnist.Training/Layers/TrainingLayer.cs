using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Training.Layers;

/// <summary>One layer of a <see cref="TrainingNetwork"/>: keeps what the backward pass needs. Belongs to one shard of the batch.</summary>
internal abstract class TrainingLayer
{
    /// <param name="previous">The layer that this one reads; null for the input.</param>
    /// <param name="output">Layout of <see cref="Output"/>: its border is what the reader wants.</param>
    /// <param name="gradient">Layout of <see cref="OutputGradient"/>: its border is what this layer's backward pass wants.</param>
    /// <param name="images">Images in the shard.</param>
    protected TrainingLayer(TrainingLayer? previous, TensorLayout output, TensorLayout gradient, int images)
    {
        Previous = previous;
        OutputLayout = output;
        GradientLayout = gradient;
        Images = images;
        Output = new AlignedBuffer(images * output.ImageStride);
        OutputGradient = new AlignedBuffer(previous is null ? 0 : images * gradient.ImageStride);
    }

    public TensorLayout OutputLayout { get; }

    public TensorLayout GradientLayout { get; }

    public AlignedBuffer Output { get; }

    /// <summary>Gradient of the loss by <see cref="Output"/>; written by the layer that reads it.</summary>
    public AlignedBuffer OutputGradient { get; }

    protected TrainingLayer? Previous { get; }

    protected int Images { get; }

    /// <summary>The layer before, for layers that always have one.</summary>
    protected TrainingLayer Source => Previous!;

    /// <summary>Whether anything before this layer is trained: the input needs no gradient.</summary>
    protected bool SourceNeedsGradient => Previous is { Previous: not null };

    /// <param name="parameters">The network's parameters, flat.</param>
    public abstract void Forward(ParameterVector parameters);

    /// <summary>Adds to the gradient of the parameters and writes the gradient by the previous layer's output.</summary>
    public abstract void Backward(ParameterVector parameters, Span<float> parameterGradient);
}

/// <summary>The images themselves.</summary>
internal sealed class InputLayer(TensorLayout layout, int images) : TrainingLayer(null, layout, layout, images)
{
    public override void Forward(ParameterVector parameters)
    {
    }

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
    }

    /// <summary>Copies one image of dense rows into its place inside the border.</summary>
    public void SetImage(int index, ReadOnlySpan<float> image) => OutputLayout.CopyInside(image, Output.Span[(index * OutputLayout.ImageStride)..]);
}
