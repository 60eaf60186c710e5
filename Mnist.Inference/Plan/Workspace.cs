using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>Preallocated activations of one caller of <see cref="Network.Forward"/>. Not safe for two callers at a time.</summary>
public sealed class Workspace
{
    private readonly NetworkPlan _plan;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer[][] _outputs;
    private readonly AlignedBuffer _scratch;

    internal Workspace(NetworkPlan plan, int maxBatchSize)
    {
        _plan = plan;
        MaxBatchSize = maxBatchSize;
        _input = new AlignedBuffer(plan.Input.ImageStride * Math.Min(maxBatchSize, plan.Stages[0].ImagesAtOnce));

        // A stage's last output holds the whole batch for the next stage, the others what is on its way through the stage.
        _outputs = [.. plan.Stages.Select(stage => stage.Steps
            .Select((step, i) => new AlignedBuffer(step.Output.ImageStride * (i == stage.Steps.Count - 1 ? maxBatchSize : Math.Min(maxBatchSize, stage.ImagesAtOnce))))
            .ToArray())];
        _scratch = new AlignedBuffer(plan.Stages.SelectMany(stage => stage.Steps).Max(step => step.ScratchLength));
    }

    public int MaxBatchSize { get; }

    internal bool BelongsTo(NetworkPlan plan) => ReferenceEquals(_plan, plan);

    /// <summary>Runs the plan; images and logits are dense [N, ...] arrays that the caller has checked.</summary>
    internal void Run(ReadOnlySpan<float> images, int batchSize, int classCount, Span<float> logits)
    {
        int imageSize = images.Length / batchSize;
        for (int i = 0; i < _plan.Stages.Count; i++)
        {
            int imagesAtOnce = Math.Min(batchSize, _plan.Stages[i].ImagesAtOnce);
            for (int start = 0; start < batchSize; start += imagesAtOnce)
            {
                int count = Math.Min(imagesAtOnce, batchSize - start);
                if (i == 0)
                {
                    CopyInput(images.Slice(start * imageSize, count * imageSize), count);
                    Run(i, _input.Span, start, count);
                }
                else
                {
                    Run(i, _outputs[i - 1][^1].Span[(start * _plan.Stages[i - 1].Steps[^1].Output.ImageStride)..], start, count);
                }
            }
        }

        int stride = _plan.Stages[^1].Steps[^1].Output.ImageStride;
        for (int image = 0; image < batchSize; image++)
        {
            _outputs[^1][^1].Span.Slice(image * stride, classCount).CopyTo(logits[(image * classCount)..]);
        }
    }

    /// <summary>Takes <paramref name="count"/> images, from <paramref name="start"/> on, through one stage.</summary>
    private void Run(int stage, ReadOnlySpan<float> input, int start, int count)
    {
        var steps = _plan.Stages[stage].Steps;
        for (int i = 0; i < steps.Count; i++)
        {
            var output = _outputs[stage][i].Span;
            output = i == steps.Count - 1 ? output[(start * steps[i].Output.ImageStride)..] : output;
            steps[i].Run(input, output, count, _scratch.Span);
            input = output;
        }
    }

    private void CopyInput(ReadOnlySpan<float> images, int count)
    {
        int imageSize = images.Length / count;
        for (int image = 0; image < count; image++)
        {
            _plan.Input.CopyInside(images.Slice(image * imageSize, imageSize), _input.Span[(image * _plan.Input.ImageStride)..]);
        }
    }
}
