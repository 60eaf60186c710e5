using Mnist.Inference.Model;

namespace Mnist.Inference.Plan;

/// <summary>One step of the way in which the engine computes a network, for people to read.</summary>
/// <param name="Layers">The layers that it computes, such as <c>conv2 + relu + pool</c>.</param>
/// <param name="Output">Shape after them.</param>
/// <param name="Algorithm">How.</param>
/// <param name="MultiplyAdds">For one image, by the layers' definition.</param>
/// <param name="Cost">
/// What the engine does for one image instead: channels padded to whole vectors, and in Winograd's way the products of whole tiles, the transforms
/// and the reading of the transformed weights, as the multiply-adds that take their time.
/// </param>
/// <param name="WeightBytes">Weights and biases as the kernels read them.</param>
/// <param name="ImagesAtOnce">Images that go through it together, before the next step begins; null for the whole batch.</param>
public sealed record PlannedStep(string Layers, Shape Output, string Algorithm, long MultiplyAdds, long Cost, long WeightBytes, int? ImagesAtOnce);
