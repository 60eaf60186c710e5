using System.Numerics;
using Mnist.Inference;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>Max pooling. The gradient goes to the first largest value of each window.</summary>
internal sealed class MaxPoolTrainingLayer<TVec>(MaxPoolLayer layer, TrainingLayer previous, TensorLayout output, int images)
    : TrainingLayer(previous, output, output with { Halo = 0 }, images)
    where TVec : struct, IVector<TVec>
{
    public override void Forward(ParameterVector parameters)
    {
        for (int image = 0; image < Images; image++)
        {
            MaxPoolKernel.Forward<TVec>(
                Source.Output.Span[(image * Source.OutputLayout.ImageStride)..], Source.OutputLayout, layer.Size,
                Output.Span[(image * OutputLayout.ImageStride)..], OutputLayout);
        }
    }

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        // Rows and columns that no window covers get no gradient.
        Source.OutputGradient.Span.Clear();
        for (int image = 0; image < Images; image++)
        {
            var source = Source.Output.Span[(image * Source.OutputLayout.ImageStride)..];
            var sourceGradient = Source.OutputGradient.Span[(image * Source.GradientLayout.ImageStride)..];
            var output = Output.Span[(image * OutputLayout.ImageStride)..];
            var gradient = OutputGradient.Span[(image * GradientLayout.ImageStride)..];
            for (int y = 0; y < OutputLayout.Height; y++)
            {
                for (int x = 0; x < OutputLayout.Width; x++)
                {
                    Window(source, sourceGradient, output[OutputLayout.Offset(y, x)..], gradient[GradientLayout.Offset(y, x)..], y * layer.Size, x * layer.Size);
                }
            }
        }
    }

    private void Window(ReadOnlySpan<float> source, Span<float> sourceGradient, ReadOnlySpan<float> output, ReadOnlySpan<float> gradient, int top, int left)
    {
        for (int channel = 0; channel < OutputLayout.ChannelStride; channel += Vector<float>.Count)
        {
            var largest = new Vector<float>(output[channel..]);
            var remaining = new Vector<float>(gradient[channel..]);
            for (int k = 0; k < layer.Size * layer.Size; k++)
            {
                int y = top + (k / layer.Size);
                int x = left + (k % layer.Size);
                var isLargest = Vector.Equals(new Vector<float>(source[(Source.OutputLayout.Offset(y, x) + channel)..]), largest);
                Vector.ConditionalSelect(isLargest, remaining, Vector<float>.Zero).CopyTo(sourceGradient[(Source.GradientLayout.Offset(y, x) + channel)..]);
                remaining = Vector.ConditionalSelect(isLargest, Vector<float>.Zero, remaining);
            }
        }
    }
}
