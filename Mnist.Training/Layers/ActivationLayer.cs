using System.Numerics;
using Mnist.Inference.Kernels;

namespace Mnist.Training.Layers;

/// <summary>ReLU, or nothing: what follows a linear layer without batch normalisation.</summary>
internal sealed class ActivationLayer(TrainingLayer previous, TensorLayout output, bool relu, int images)
    : TrainingLayer(previous, output, output, images)
{
    public override void Forward(ParameterVector parameters)
    {
        foreach (var row in RowTriple.All(Source.OutputLayout, OutputLayout, OutputLayout, Images))
        {
            var source = Source.Output.Span.Slice(row.First, row.Length);
            var destination = Output.Span.Slice(row.Second, row.Length);
            for (int i = 0; i < row.Length; i += Vector<float>.Count)
            {
                var value = new Vector<float>(source[i..]);
                (relu ? Vector.Max(value, Vector<float>.Zero) : value).CopyTo(destination[i..]);
            }
        }
    }

    public override void Backward(ParameterVector parameters, Span<float> parameterGradient)
    {
        foreach (var row in RowTriple.All(OutputLayout, GradientLayout, Source.GradientLayout, Images))
        {
            var output = Output.Span.Slice(row.First, row.Length);
            var gradient = OutputGradient.Span.Slice(row.Second, row.Length);
            var destination = Source.OutputGradient.Span.Slice(row.Third, row.Length);
            for (int i = 0; i < row.Length; i += Vector<float>.Count)
            {
                var value = new Vector<float>(gradient[i..]);
                (relu ? BatchNormalization.Where(Vector.GreaterThan(new Vector<float>(output[i..]), Vector<float>.Zero), value) : value).CopyTo(destination[i..]);
            }
        }
    }
}
