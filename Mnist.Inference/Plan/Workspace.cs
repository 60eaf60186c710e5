using Mnist.Inference.Plan;

namespace Mnist.Inference;

/// <summary>Preallocated activations of one caller of <see cref="Network.Forward"/>. Not safe for two callers at a time.</summary>
public sealed class Workspace
{
    /// <summary>Images that go through the convolutions together: their activations stay in a core's second-level cache.</summary>
    private const int ImagesAtOnce = 4;

    private readonly NetworkPlan _plan;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer[] _imageOutputs;
    private readonly AlignedBuffer[] _denseOutputs;

    internal Workspace(NetworkPlan plan, int maxBatchSize)
    {
        _plan = plan;
        MaxBatchSize = maxBatchSize;
        int imagesAtOnce = Math.Min(ImagesAtOnce, maxBatchSize);
        int lastImageStep = plan.ImageSteps.Count - 1;
        _input = new AlignedBuffer(plan.Input.ImageStride * (lastImageStep < 0 ? maxBatchSize : imagesAtOnce));
        _imageOutputs = [.. plan.ImageSteps.Select((step, i) => new AlignedBuffer(step.Output.ImageStride * (i == lastImageStep ? maxBatchSize : imagesAtOnce)))];
        _denseOutputs = [.. plan.DenseSteps.Select(step => new AlignedBuffer(step.Output.ImageStride * maxBatchSize))];
    }

    public int MaxBatchSize { get; }

    internal bool BelongsTo(NetworkPlan plan) => ReferenceEquals(_plan, plan);

    /// <summary>Runs the plan; images and logits are dense [N, ...] arrays that the caller has checked.</summary>
    internal void Run(ReadOnlySpan<float> images, int batchSize, int classCount, Span<float> logits)
    {
        int imageSize = images.Length / batchSize;
        int imagesAtOnce = _imageOutputs.Length == 0 ? batchSize : ImagesAtOnce;
        for (int start = 0; start < batchSize; start += imagesAtOnce)
        {
            int count = Math.Min(imagesAtOnce, batchSize - start);
            CopyInput(images.Slice(start * imageSize, count * imageSize), count);
            ReadOnlySpan<float> current = _input.Span;
            for (int i = 0; i < _imageOutputs.Length; i++)
            {
                var step = _plan.ImageSteps[i];
                var output = i == _imageOutputs.Length - 1 ? _imageOutputs[i].Span[(start * step.Output.ImageStride)..] : _imageOutputs[i].Span;
                step.Run(current, output, count);
                current = output;
            }
        }

        ReadOnlySpan<float> features = _imageOutputs.Length == 0 ? _input.Span : _imageOutputs[^1].Span;
        for (int i = 0; i < _denseOutputs.Length; i++)
        {
            _plan.DenseSteps[i].Run(features, _denseOutputs[i].Span, batchSize);
            features = _denseOutputs[i].Span;
        }

        int stride = _plan.DenseSteps[^1].Output.ImageStride;
        for (int image = 0; image < batchSize; image++)
        {
            features.Slice(image * stride, classCount).CopyTo(logits[(image * classCount)..]);
        }
    }

    private void CopyInput(ReadOnlySpan<float> images, int count)
    {
        var layout = _plan.Input;
        int row = layout.Width * layout.ChannelStride;
        for (int image = 0; image < count; image++)
        {
            for (int y = 0; y < layout.Height; y++)
            {
                images.Slice(((image * layout.Height) + y) * row, row).CopyTo(_input.Span[((image * layout.ImageStride) + layout.Offset(y, 0))..]);
            }
        }
    }
}
