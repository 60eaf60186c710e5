namespace Mnist.Training.Layers;

/// <summary>A part of the forward pass and its counterpart in the backward pass. Each sees the images of a shard in their order, some at a time.</summary>
internal interface ITrainingStep
{
    /// <param name="parameters">The network's parameters, flat.</param>
    /// <param name="images">Which images.</param>
    void Forward(ParameterVector parameters, ImageRange images);

    /// <summary>Passes on the gradient of the images; with the last images, at the latest, adds to the gradient of the parameters.</summary>
    /// <param name="parameters">The parameters that <see cref="Forward"/> used.</param>
    /// <param name="parameterGradient">Gradient of the parameters.</param>
    /// <param name="images">Which images.</param>
    void Backward(ParameterVector parameters, Span<float> parameterGradient, ImageRange images);
}
