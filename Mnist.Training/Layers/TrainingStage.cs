namespace Mnist.Training.Layers;

/// <summary>Steps that process the shard range by range: each range passes all steps before the next one begins. Stages run one after the other.</summary>
/// <param name="Steps">The steps, in forward order.</param>
/// <param name="ImagesAtOnce">Size of a range: what one step writes is still in the second-level cache when the next step reads it.</param>
internal sealed record TrainingStage(IReadOnlyList<ITrainingStep> Steps, int ImagesAtOnce);
