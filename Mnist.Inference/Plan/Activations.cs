using Mnist.Inference.Kernels;

namespace Mnist.Inference.Plan;

/// <summary>
/// Preallocated activations of one plan, for one caller at a time. They may be reused for any batch: borders hold zeros and keep them, everything
/// else is written before it is read.
/// </summary>
internal sealed class Activations
{
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer[][] _outputs;
    private readonly AlignedBuffer _scratch;

    /// <exception cref="OverflowException">A buffer would not fit an array.</exception>
    public Activations(NetworkPlan plan, int maxBatchSize)
    {
        _input = new AlignedBuffer(checked(plan.Input.ImageStride * Math.Min(maxBatchSize, plan.Groups[0].ImagesAtOnce)));

        // The last output of a group holds the whole batch for the next group, the others hold the images that go through the group together.
        _outputs = [.. plan.Groups.Select(group => group.Steps
            .Select((step, i) => new AlignedBuffer(checked(step.Output.ImageStride * (i == group.Steps.Count - 1 ? maxBatchSize : Math.Min(maxBatchSize, group.ImagesAtOnce)))))
            .ToArray())];
        _scratch = new AlignedBuffer(plan.Groups.SelectMany(group => group.Steps).Max(step => step.ScratchLength));
    }

    /// <summary>Runs a plan; images and logits are dense [N, ...] arrays that the caller has checked.</summary>
    public void Run(NetworkPlan plan, ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        int imageSize = images.Length / batchSize;
        int classCount = logits.Length / batchSize;
        for (int i = 0; i < plan.Groups.Count; i++)
        {
            int imagesAtOnce = Math.Min(batchSize, plan.Groups[i].ImagesAtOnce);
            for (int start = 0; start < batchSize; start += imagesAtOnce)
            {
                int count = Math.Min(imagesAtOnce, batchSize - start);
                if (i == 0)
                {
                    CopyInput(plan.Input, images.Slice(start * imageSize, count * imageSize), count);
                    Run(plan.Groups[i].Steps, _outputs[i], _input.Span, start, count);
                }
                else
                {
                    int stride = plan.Groups[i - 1].Steps[^1].Output.ImageStride;
                    Run(plan.Groups[i].Steps, _outputs[i], _outputs[i - 1][^1].Span[(start * stride)..], start, count);
                }
            }
        }

        int logitStride = plan.Groups[^1].Steps[^1].Output.ImageStride;
        for (int image = 0; image < batchSize; image++)
        {
            _outputs[^1][^1].Span.Slice(image * logitStride, classCount).CopyTo(logits[(image * classCount)..]);
        }
    }

    /// <summary>Runs one group on <paramref name="count"/> images from index <paramref name="start"/>.</summary>
    private void Run(IReadOnlyList<Step> steps, AlignedBuffer[] outputs, ReadOnlySpan<float> input, int start, int count)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            var output = outputs[i].Span;
            output = i == steps.Count - 1 ? output[(start * steps[i].Output.ImageStride)..] : output;
            steps[i].Run(input, output, count, _scratch.Span);
            input = output;
        }
    }

    private void CopyInput(TensorLayout layout, ReadOnlySpan<float> images, int count)
    {
        int imageSize = images.Length / count;
        for (int image = 0; image < count; image++)
        {
            layout.CopyInside(images.Slice(image * imageSize, imageSize), _input.Span[(image * layout.ImageStride)..]);
        }
    }
}
