using BenchmarkDotNet.Attributes;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Benchmarks.Kernels;

/// <summary>
/// Measures the kernels at every vector width of this CPU: each step of the first-stage network, on as many images of a batch as the plan takes at once, and a whole
/// forward pass.
/// </summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private const int BatchSize = 8;

    private Action _run = null!;

    public static IEnumerable<VectorWidth> Widths => Enum.GetValues<VectorWidth>().Where(width => width <= VectorWidths.Best);

    public static IEnumerable<string> Kernels => [.. Steps(VectorWidths.Best).Select(step => step.Name), nameof(Network.Forward)];

    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = string.Empty;

    [ParamsSource(nameof(Widths))]
    public VectorWidth Width { get; set; }

    [GlobalSetup]
    public void Setup() => _run = Kernel == nameof(Network.Forward) ? ForwardPass() : Steps(Width).Single(step => step.Name == Kernel).Run;

    [Benchmark]
    public void Run() => _run();

    private static IReadOnlyList<StepRun> Steps(VectorWidth width) => StepRun.All(NetworkWeights.Random(Architectures.Vgg12, seed: 1), width, BatchSize);

    private Action ForwardPass()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 1), Width);
        var workspace = network.CreateWorkspace(BatchSize);
        float[] images = [.. Enumerable.Repeat(new Random(1), BatchSize * network.Input.Size).Select(random => random.NextSingle())];
        float[] logits = new float[BatchSize * network.ClassCount];
        return () => network.Forward(images, BatchSize, workspace, logits);
    }
}
