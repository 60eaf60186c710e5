using Mnist.Training.Optimization;

namespace Mnist.Training.Layers;

/// <summary>A part of the forward pass and its counterpart in the backward pass. Both process the images of a shard in order, a range at a time.</summary>
internal interface ITrainingStep
{
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="images">The images to process.</param>
    void Forward(ParameterVector parameters, ImageRange images);

    /// <summary>Writes the gradient of the step's input and, with the last images at the latest, adds to the gradient of the parameters.</summary>
    /// <param name="parameters">The parameters that <see cref="Forward"/> used.</param>
    /// <param name="parameterGradient">Gradient of the parameters, as a flat vector.</param>
    /// <param name="images">The images to process.</param>
    void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images);
}
