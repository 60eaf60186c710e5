using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>Max pooling. The gradient goes to the first maximum of each window.</summary>
internal sealed class MaxPoolTrainingLayer<TVec> : TrainingLayer, ITrainingStep
    where TVec : struct, IVector<TVec>
{
    private readonly int _size;

    // Offsets of the pixels of a window from its first one, in the input and in its gradient.
    private readonly int[] _sourceWindow;
    private readonly int[] _gradientWindow;

    public MaxPoolTrainingLayer(MaxPoolLayer layer, TrainingLayer previous, TensorLayout output, int images)
        : base(previous, output, output, images)
    {
        _size = layer.Size;
        _sourceWindow = previous.OutputLayout.Window(_size);
        _gradientWindow = previous.GradientLayout.Window(_size);
    }

    public void Forward(ParameterVector parameters, ImageRange images)
    {
        var sources = Source.Outputs(images);
        var outputs = Outputs(images);
        for (int image = 0; image < images.Count; image++)
        {
            MaxPoolKernel.Forward<TVec>(
                sources[(image * Source.OutputLayout.ImageStride)..], Source.OutputLayout, _size,
                outputs[(image * OutputLayout.ImageStride)..], OutputLayout);
        }
    }

    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        // Rows and columns that no window covers get no gradient.
        if (Source.OutputLayout.Height % _size != 0 || Source.OutputLayout.Width % _size != 0)
        {
            Source.OutputGradients(images).Clear();
        }

        ref float source = ref MemoryMarshal.GetReference(Source.Outputs(images));
        ref float sourceGradient = ref MemoryMarshal.GetReference(Source.OutputGradients(images));
        ref float output = ref MemoryMarshal.GetReference(Outputs(images));
        ref float gradient = ref MemoryMarshal.GetReference(OutputGradients(images));
        for (int image = 0; image < images.Count; image++)
        {
            for (int y = 0; y < OutputLayout.Height; y++)
            {
                for (int x = 0; x < OutputLayout.Width; x++)
                {
                    Distribute(
                        ref Unsafe.Add(ref source, (image * Source.OutputLayout.ImageStride) + Source.OutputLayout.Offset(y * _size, x * _size)),
                        ref Unsafe.Add(ref sourceGradient, (image * Source.GradientLayout.ImageStride) + Source.GradientLayout.Offset(y * _size, x * _size)),
                        ref Unsafe.Add(ref output, (image * OutputLayout.ImageStride) + OutputLayout.Offset(y, x)),
                        ref Unsafe.Add(ref gradient, (image * GradientLayout.ImageStride) + GradientLayout.Offset(y, x)));
                }
            }
        }
    }

    /// <summary>Writes the gradient of one output pixel to the pixel of its window that holds the maximum, and 0 to the others.</summary>
    private void Distribute(ref float source, ref float sourceGradient, ref float output, ref float gradient)
    {
        for (nuint channel = 0; channel < (nuint)OutputLayout.ChannelStride; channel += (nuint)Vector<float>.Count)
        {
            var largest = Vector.LoadUnsafe(ref output, channel);
            var remaining = Vector.LoadUnsafe(ref gradient, channel);
            for (int k = 0; k < _sourceWindow.Length; k++)
            {
                var isLargest = Vector.Equals(Vector.LoadUnsafe(ref source, (nuint)_sourceWindow[k] + channel), largest);
                Vector.ConditionalSelect(isLargest, remaining, Vector<float>.Zero).StoreUnsafe(ref sourceGradient, (nuint)_gradientWindow[k] + channel);
                remaining = Vector.ConditionalSelect(isLargest, Vector<float>.Zero, remaining);
            }
        }
    }
}
