using Mnist.Benchmarks.Measuring;
using Mnist.Inference;
using Mnist.Training.Data;

namespace Mnist.Benchmarks.Engine;

/// <summary>The engine, ONNX Runtime and PyTorch in turn on one core.</summary>
internal static class EngineBenchmark
{
    private const int Seed = 1;

    private static readonly int[] BatchSizes = [1, 8, 64];

    /// <summary>The networks and batch sizes that are measured, on MNIST test digits.</summary>
    public static IEnumerable<Workload> Workloads()
    {
        float[] images = TestImages(BatchSizes.Max());
        var networks = new (string Name, NetworkWeights Weights)[]
        {
            ("shipped", RepositoryFiles.LoadShipped()),
            ("tensorflask", NetworkWeights.Random(Architectures.TensorFlask, Seed)),
        };
        return from network in networks
               from batchSize in BatchSizes
               select new Workload(network.Name, network.Weights, images[..(batchSize * DigitDataset.PixelCount)], batchSize);
    }

    /// <summary>The first MNIST test digits [N,28,28], 0 to 1.</summary>
    public static float[] TestImages(int count)
    {
        var digits = MnistFile.LoadTest(RepositoryFiles.Data).Slice(0, count);
        float[] images = new float[digits.Images.Length];
        InputScale.ToFloat(digits.Images, images);
        return images;
    }

    /// <param name="workload">What is computed.</param>
    /// <param name="torch">PyTorch, where it is installed.</param>
    /// <param name="seconds">Time for the rounds.</param>
    /// <exception cref="InvalidDataException">The contenders do not agree.</exception>
    public static EngineMeasurement Measure(Workload workload, TorchProcess? torch, double seconds)
    {
        using var engine = new EngineContender(workload);
        using var onnx = new OnnxContender(workload);
        IContender[] contenders = torch is null ? [engine, onnx] : [engine, onnx, new TorchContender(torch, workload)];
        AgreementCheck.Require(workload, contenders);

        double[][] samples = Interleaved.Measure([.. contenders.Select(contender => (TimedCalls)contender.Measure), FmaPeak.Measure], seconds);
        return new EngineMeasurement(
            workload,
            [.. contenders.Select(contender => contender.Name)],
            [.. samples[..^1].Select(rounds => rounds.Select(second => second * 1e6 / workload.BatchSize).ToArray())],
            FmaPeak.Rate(Samples.Median(samples[^1])));
    }
}
