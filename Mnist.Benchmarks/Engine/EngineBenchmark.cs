using Mnist.Benchmarks.Measuring;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.LoadTesting;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Benchmarks.Engine;

/// <summary>Measures the engine, ONNX Runtime and PyTorch in turn on one core.</summary>
internal static class EngineBenchmark
{
    private const int Seed = 1;

    private static readonly int[] BatchSizes = [1, 8, 64];

    /// <summary>The networks and batch sizes, on MNIST test digits. A cascade is represented by its first stage, which computes every image.</summary>
    /// <param name="shipped">The shipped network.</param>
    public static IEnumerable<Workload> Workloads(Network shipped)
    {
        float[] images = TestImages(BatchSizes.Max());
        var networks = new (string Name, NetworkWeights Weights, string? Stage)[]
        {
            ("shipped", shipped.Stages[0], shipped.Cascade is null ? null : $"1 of {shipped.Stages.Count}"),
            ("tensorflask", NetworkWeights.Random(Architectures.TensorFlask, Seed), null),
        };
        return from network in networks
               from batchSize in BatchSizes
               select new Workload(network.Name, network.Weights, images[..(batchSize * DigitImage.PixelCount)], batchSize, network.Stage);
    }

    /// <summary>Describes the mean cost of a cascade over the MNIST test digits.</summary>
    public static string DescribeCascade(Network cascade)
    {
        var digits = MnistFile.LoadTest(RepositoryFiles.Data);
        double escalated = BatchClassifier.Classify(cascade, digits).Escalated / (double)digits.Count;
        double mean = cascade.MeanMultiplyAdds(escalated);
        return FormattableString.Invariant($"The shipped network is a cascade of {cascade.Stages.Count} stages; the first is measured. ")
            + FormattableString.Invariant($"{100 * escalated:0.00} % of the test digits are escalated: ")
            + FormattableString.Invariant($"{mean / 1e6:0.0} million multiply-adds an image on average, {mean / cascade.MeanMultiplyAdds(0):0.00} times the first stage's.");
    }

    /// <summary>The first N MNIST test digits [N,28,28], 0 to 1.</summary>
    public static float[] TestImages(int count)
    {
        var digits = MnistFile.LoadTest(RepositoryFiles.Data).Slice(0, count);
        float[] images = new float[digits.Images.Length];
        InputScale.ToFloat(digits.Images, images);
        return images;
    }

    /// <param name="workload">What all contenders compute.</param>
    /// <param name="torch">PyTorch; null if it is not installed.</param>
    /// <param name="seconds">Time for all rounds.</param>
    /// <exception cref="InvalidDataException">The contenders compute different logits.</exception>
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
