using System.Numerics;
using Mnist.Inference.Kernels;
using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>ReLU or the identity, after a convolution or dense layer without batch normalisation.</summary>
internal sealed class ActivationLayer(TrainingLayer previous, TensorLayout output, bool relu, int images)
    : TrainingLayer(previous, output, output, images), ITrainingStep
{
    public void Forward(ParameterVector parameters, ImageRange images)
    {
        var sources = Source.Outputs(images);
        var outputs = Outputs(images);
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, OutputLayout, images.Count))
        {
            var source = sources.Slice(row.First, row.Length);
            var destination = outputs.Slice(row.Second, row.Length);
            for (int i = 0; i < row.Length; i += Vector<float>.Count)
            {
                var value = new Vector<float>(source[i..]);
                (relu ? Vector.MaxNative(value, Vector<float>.Zero) : value).CopyTo(destination[i..]);
            }
        }
    }

    public void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images)
    {
        var outputs = Outputs(images);
        var gradients = OutputGradients(images);
        var sourceGradients = Source.OutputGradients(images);
        foreach (var row in RowTriple.All(OutputLayout, GradientLayout, Source.GradientLayout, images.Count))
        {
            var output = outputs.Slice(row.First, row.Length);
            var gradient = gradients.Slice(row.Second, row.Length);
            var destination = sourceGradients.Slice(row.Third, row.Length);
            for (int i = 0; i < row.Length; i += Vector<float>.Count)
            {
                var value = new Vector<float>(gradient[i..]);
                (relu ? BatchNormalization.Where(Vector.GreaterThan(new Vector<float>(output[i..]), Vector<float>.Zero), value) : value).CopyTo(destination[i..]);
            }
        }
    }
}
