using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

/// <summary>Properties of every network that the engine accepts. The argument of a test is the seed of its network.</summary>
[TestFixture]
internal sealed class RandomNetworkTests
{
    /// <summary>Rounding of thousands of single-precision multiply-adds, relative to the largest logit, or to 1 if it is less.</summary>
    private const double LogitTolerance = 1e-4;

    private static readonly IEnumerable<int> Seeds = Enumerable.Range(1, 64);

    /// <summary>Wider vectors would be computed in software, a hundred times slower.</summary>
    private static readonly VectorWidth[] Widths = [.. Enum.GetValues<VectorWidth>().Where(width => width <= VectorWidths.Best)];

    [TestCaseSource(nameof(Seeds))]
    public void Forward_AtEveryWidth_GivesTheSameBitsAndEqualsDoublePrecision(int seed)
    {
        const int Count = 2;
        var weights = RandomNetwork.Create(seed);
        float[] images = RandomNetwork.Images(weights.Architecture, Count, seed);
        double[] expected = [.. images.Chunk(images.Length / Count).SelectMany(image => ReferenceNetwork.Logits(weights, image))];
        double tolerance = LogitTolerance * Math.Max(1, expected.Max(Math.Abs));
        foreach (var algorithm in Enum.GetValues<ConvolutionAlgorithm>())
        {
            float[][] logits = [.. Widths.Select(width => Forward(Network.Create(weights, width, algorithm), images, Count))];

            Assert.That(logits, Is.All.EqualTo(logits[0]), Describe(weights, algorithm));
            Assert.That(logits[0].Select(logit => (double)logit), Is.EqualTo(expected).Within(tolerance), Describe(weights, algorithm));
        }
    }

    [TestCaseSource(nameof(Seeds))]
    public void Forward_AtEveryIndexOfEveryBatchOnEveryThread_GivesTheSameBits(int seed)
    {
        const int Count = 9;
        var weights = RandomNetwork.Create(seed);
        int size = weights.Architecture.Input.Size;
        float[] images = RandomNetwork.Images(weights.Architecture, Count, seed);
        foreach (var algorithm in Enum.GetValues<ConvolutionAlgorithm>())
        {
            var network = Network.Create(weights, VectorWidths.Best, algorithm);
            float[][] alone = [.. images.Chunk(size).Select(image => Forward(network, image, 1))];

            Parallel.ForEach([1, 2, 5, Count], batchSize =>
            {
                // A workspace twice as large as needed that is used repeatedly: neither may change a bit.
                var workspace = network.CreateWorkspace(2 * batchSize);
                float[] logits = new float[batchSize * network.ClassCount];
                for (int first = 0; first < Count; first++)
                {
                    int[] batch = [.. Enumerable.Range(0, batchSize).Select(i => (first + i) % Count)];
                    network.Forward(batch.SelectMany(i => images[(i * size)..((i + 1) * size)]).ToArray(), batchSize, workspace, logits);
                    Assert.That(logits, Is.EqualTo(batch.SelectMany(i => alone[i])), Describe(weights, algorithm));
                }
            });
        }
    }

    /// <summary>The other tests cover what these networks contain, so together they must contain everything.</summary>
    [Test]
    public void Plans_OfAllSeeds_CoverEveryAlgorithmWithAndWithoutPooling()
    {
        var steps = Seeds.Select(RandomNetwork.Create)
            .SelectMany(weights => Enum.GetValues<ConvolutionAlgorithm>().SelectMany(algorithm => Network.Create(weights, VectorWidths.Best, algorithm).Plans.Single()))
            .Select(step => (step.Algorithm, IsPooled: step.Layers.Contains("pool", StringComparison.Ordinal))).ToHashSet();

        string[] variants = ["F(4x4, 3x3)", "F(6x6, 3x3)", "F(2x2, 5x5)", "F(4x4, 5x5)", "F(4, 5)"];
        Assert.That(steps, Is.EquivalentTo(variants.SelectMany(variant => new[] { (variant, false), (variant, true) }).Concat([("direct", false), ("maximum", true), ("product", false)])));
    }

    private static float[] Forward(Network network, float[] images, int count)
    {
        float[] logits = new float[count * network.ClassCount];
        network.Forward(images, count, network.CreateWorkspace(count), logits);
        return logits;
    }

    private static string Describe(NetworkWeights weights, ConvolutionAlgorithm algorithm) => $"{algorithm}: {weights.Architecture.ToJson()}";
}
