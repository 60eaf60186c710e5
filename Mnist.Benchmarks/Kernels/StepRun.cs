using Mnist.Inference;
using Mnist.Inference.Plan;

namespace Mnist.Benchmarks.Kernels;

/// <summary>One step of a network's plan with buffers of its own, so that it can be run and timed by itself.</summary>
internal sealed class StepRun
{
    private readonly Step _step;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly int _images;

    private StepRun(Step step, string name, long multiplyAdds, AlignedBuffer input, int images)
    {
        _step = step;
        _input = input;
        _output = new AlignedBuffer(step.Output.ImageStride * images);
        _images = images;
        Name = name;
        MultiplyAdds = multiplyAdds;
    }

    /// <summary>Kind and output, such as <c>2 Convolution 12x12x32</c>.</summary>
    public string Name { get; }

    /// <summary>For one image, by the layer's definition.</summary>
    public long MultiplyAdds { get; }

    /// <summary>The steps of a network in their order; each reads what the one before it wrote.</summary>
    /// <param name="weights">The network.</param>
    /// <param name="path">Vector width.</param>
    /// <param name="images">Images that go through a step together.</param>
    public static IReadOnlyList<StepRun> All(NetworkWeights weights, SimdPath path, int images)
    {
        var plan = NetworkPlan.Compile(weights, path);
        var architecture = weights.Architecture;
        var linear = new Queue<long>(architecture.Layers.Select((layer, i) => layer.MultiplyAdds(architecture.InputOf(i))).Where(count => count > 0));
        var input = new AlignedBuffer(plan.Input.ImageStride * images);
        var random = new Random(1);
        foreach (ref float value in input.Span)
        {
            value = random.NextSingle();
        }

        var runs = new List<StepRun>();
        foreach (var step in plan.ImageSteps.Concat(plan.DenseSteps))
        {
            string kind = KindOf(step);
            var output = step.Output;
            string name = $"{runs.Count + 1} {kind} {output.Height}x{output.Width}x{output.ChannelStride}";
            runs.Add(new StepRun(step, name, kind == "MaxPool" ? 0 : linear.Dequeue(), input, images));
            runs[^1].Run();
            input = runs[^1]._output;
        }

        return runs;
    }

    public void Run() => _step.Run(_input.Span, _output.Span, _images);

    // ConvolutionStep`1 -> Convolution
    private static string KindOf(Step step) => step.GetType().Name.Split("Step")[0];
}
