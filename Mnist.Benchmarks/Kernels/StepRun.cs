using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Benchmarks.Kernels;

/// <summary>One step of a network's plan with its own buffers, so that it can be timed alone.</summary>
internal sealed class StepRun
{
    private readonly Step _step;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly AlignedBuffer _scratch;

    private StepRun(Step step, PlannedStep planned, AlignedBuffer input, int images)
    {
        _step = step;
        _input = input;
        _output = new AlignedBuffer(step.Output.ImageStride * images);
        _scratch = new AlignedBuffer(step.ScratchLength);
        Images = images;
        Name = $"{planned.Layers}: {planned.Algorithm}";
        MultiplyAdds = planned.MultiplyAdds;
    }

    /// <summary>Layers and algorithm, such as <c>conv1 + relu: direct</c>.</summary>
    public string Name { get; }

    /// <summary>Images per run of the step.</summary>
    public int Images { get; }

    /// <summary>Multiply-adds per image of the direct algorithm.</summary>
    public long MultiplyAdds { get; }

    /// <summary>The steps of a network in their order. The input of a step is the output of the previous one, repeated if it takes more images.</summary>
    /// <param name="weights">The network.</param>
    /// <param name="width">Vector width.</param>
    /// <param name="batchSize">Images in the batch; the plan divides it into several runs of a step.</param>
    public static IReadOnlyList<StepRun> All(NetworkWeights weights, VectorWidth width, int batchSize)
    {
        var plan = NetworkPlan.Compile(weights, width, ConvolutionAlgorithm.Fastest);
        var input = new AlignedBuffer(plan.Input.ImageStride * batchSize);
        var random = new Random(1);
        foreach (ref float value in input.Span)
        {
            value = random.NextSingle();
        }

        var runs = new List<StepRun>();
        foreach (var (step, planned) in plan.Groups.SelectMany(group => group.Steps).Zip(plan.Description))
        {
            int images = Math.Min(batchSize, planned.ImagesAtOnce ?? batchSize);
            input = Repeat(input, step.Input.ImageStride * images);
            runs.Add(new StepRun(step, planned, input, images));
            runs[^1].Run();
            input = runs[^1]._output;
        }

        return runs;
    }

    public void Run() => _step.Run(_input.Span, _output.Span, Images, _scratch.Span);

    /// <summary>Repeats the images until they fill <paramref name="length"/> floats.</summary>
    private static AlignedBuffer Repeat(AlignedBuffer images, int length)
    {
        if (images.Length >= length)
        {
            return images;
        }

        var repeated = new AlignedBuffer(length);
        for (int start = 0; start < length; start += images.Length)
        {
            images.Span[..Math.Min(images.Length, length - start)].CopyTo(repeated.Span[start..]);
        }

        return repeated;
    }
}
