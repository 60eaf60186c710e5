using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>Description of one step of a plan, for people to read.</summary>
/// <param name="Layers">The layers that the step computes, such as <c>conv2 + relu + pool</c>.</param>
/// <param name="Output">Shape after these layers.</param>
/// <param name="Algorithm"><c>direct</c>, a Winograd variant such as <c>F(4x4, 3x3)</c>, <c>maximum</c> or <c>product</c>.</param>
/// <param name="MultiplyAdds">Multiply-adds per image of direct convolution, without padding.</param>
/// <param name="Cost">
/// Estimated cost per image of the chosen algorithm, in multiply-adds: channels are padded to whole vectors; a Winograd variant counts whole tiles, its
/// transforms and the reads of the transformed weights.
/// </param>
/// <param name="WeightBytes">Size of weights and biases as the kernels read them.</param>
/// <param name="ImagesAtOnce">Images that the step computes before the next step begins; null for the whole batch.</param>
public sealed record PlannedStep(string Layers, Shape Output, string Algorithm, long MultiplyAdds, long Cost, long WeightBytes, int? ImagesAtOnce);
