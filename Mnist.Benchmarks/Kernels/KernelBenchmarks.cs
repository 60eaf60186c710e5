using BenchmarkDotNet.Attributes;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Benchmarks.Kernels;

/// <summary>The kernels at every vector width that this CPU has: each step of the shipped network, on as many images of a batch as go
/// through it together, and a whole forward pass.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private const int BatchSize = 8;

    private Action _run = null!;

    public static IEnumerable<VectorWidth> Paths => Enum.GetValues<VectorWidth>().Where(path => path <= VectorWidths.Best);

    public static IEnumerable<string> Kernels => [.. Steps(VectorWidths.Best).Select(step => step.Name), nameof(Network.Forward)];

    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = string.Empty;

    [ParamsSource(nameof(Paths))]
    public VectorWidth Path { get; set; }

    [GlobalSetup]
    public void Setup() => _run = Kernel == nameof(Network.Forward) ? ForwardPass() : Steps(Path).Single(step => step.Name == Kernel).Run;

    [Benchmark]
    public void Run() => _run();

    private static IReadOnlyList<StepRun> Steps(VectorWidth path) => StepRun.All(NetworkWeights.Random(Architectures.Vgg12, seed: 1), path, BatchSize);

    private Action ForwardPass()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 1), Path);
        var workspace = network.CreateWorkspace(BatchSize);
        float[] images = [.. Enumerable.Repeat(new Random(1), BatchSize * network.Input.Size).Select(random => random.NextSingle())];
        float[] logits = new float[BatchSize * network.ClassCount];
        return () => network.Forward(images, BatchSize, workspace, logits);
    }
}
