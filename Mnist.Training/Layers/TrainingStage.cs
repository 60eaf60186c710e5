namespace Mnist.Training.Layers;

/// <summary>Steps that some images go through together, before the next images begin; all images of the shard are through before the next stage begins.</summary>
/// <param name="Steps">In their order.</param>
/// <param name="ImagesAtOnce">So few that what one step writes is still in a core's second-level cache when the next one reads it.</param>
internal sealed record TrainingStage(IReadOnlyList<ITrainingStep> Steps, int ImagesAtOnce);
