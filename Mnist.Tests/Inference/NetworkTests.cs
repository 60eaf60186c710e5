using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class NetworkTests
{
    /// <summary>Rounding of some thousand single-precision multiply-adds in logits of about 1.</summary>
    private const double LogitTolerance = 1e-4;

    private static readonly VectorWidth[] Widths = Enum.GetValues<VectorWidth>();

    private static IEnumerable<TestCaseData> NamedArchitectures() =>
        Architectures.ByName.SelectMany(entry => Widths.Select(width => new TestCaseData(entry.Value, width).SetArgDisplayNames(entry.Key, width.ToString())));

    [TestCaseSource(nameof(NamedArchitectures))]
    public void Forward_NamedArchitecture_EqualsDoublePrecision(NetworkArchitecture architecture, VectorWidth width)
    {
        AssertEqualsReference(NetworkWeights.Random(architecture, seed: 1), width, batchSize: 3);
    }

    [Test]
    public void Forward_AtEveryIndexOfEveryBatch_GivesTheSameBits()
    {
        foreach (var architecture in Architectures.ByName.Values)
        {
            var network = Network.Create(NetworkWeights.Random(architecture, seed: 2));
            const int Images = 70;
            float[] images = RandomNetwork.Images(architecture, Images, seed: 3);
            float[] alone = [.. Enumerable.Range(0, Images).SelectMany(i => Forward(network, images.AsSpan(i * 784, 784), 1))];
            foreach (int batchSize in new[] { 2, 3, 7, 64, 70 })
            {
                var workspace = network.CreateWorkspace(batchSize);
                for (int start = 0; start + batchSize <= Images; start += batchSize)
                {
                    float[] logits = new float[batchSize * 10];
                    network.Forward(images.AsSpan(start * 784, batchSize * 784), batchSize, workspace, logits);
                    Assert.That(logits, Is.EqualTo(alone[(start * 10)..((start + batchSize) * 10)]));
                }
            }
        }
    }

    [Test]
    public void Forward_FromManyThreads_GivesTheSameBits()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 4));
        float[] images = RandomNetwork.Images(network.Stages[0].Architecture, 8, seed: 5);
        float[] expected = Forward(network, images, 8);
        var results = new float[16][];
        Parallel.For(0, results.Length, i => results[i] = Forward(network, images, 8));
        Assert.That(results, Is.All.EqualTo(expected));
    }

    [Test]
    public void Forward_AfterALargerBatch_IgnoresItsActivations()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.TensorFlask, seed: 6));
        float[] images = RandomNetwork.Images(network.Stages[0].Architecture, 6, seed: 7);
        var workspace = network.CreateWorkspace(6);
        float[] logits = new float[60];
        network.Forward(images, 6, workspace, logits);
        network.Forward(images.AsSpan(0, 784), 1, workspace, logits);
        Assert.That(logits[..10], Is.EqualTo(Forward(network, images.AsSpan(0, 784), 1)));
    }

    [Test]
    public void Forward_AtEveryWidth_AllocatesNothing()
    {
        foreach (var width in Widths)
        {
            var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 8), width);
            float[] images = RandomNetwork.Images(network.Stages[0].Architecture, 8, seed: 9);
            float[] logits = new float[80];
            var workspace = network.CreateWorkspace(8);

            Assert.That(Allocation.LeastOf(() => network.Forward(images, 8, workspace, logits)), Is.Zero, width.ToString());
        }
    }

    [Test]
    public void Forward_InvalidArgument_NamesIt()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 10));
        var other = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 10));
        var workspace = network.CreateWorkspace(2);
        AssertRejected("batchSize", () => network.Forward(new float[784 * 3], 3, workspace, new float[30]));
        AssertRejected("batchSize", () => network.Forward([], 0, workspace, new float[10]));
        AssertRejected("images", () => network.Forward(new float[783], 1, workspace, new float[10]));
        AssertRejected("logits", () => network.Forward(new float[784], 1, workspace, new float[9]));
        AssertRejected("workspace", () => network.Forward(new float[784], 1, other.CreateWorkspace(1), new float[10]));
        AssertRejected("workspace", () => network.Forward(new float[784], 1, null!, new float[10]));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1_369_569, Description = "times the 3,136 values per image between the first two layers, modulo 2^32, it is 1,088")]
    [TestCase(int.MaxValue)]
    public void CreateWorkspace_InvalidBatchSize_IsRejected(int maxBatchSize)
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.TensorFlask, seed: 12));
        AssertRejected("maxBatchSize", () => network.CreateWorkspace(maxBatchSize));
    }

    private static void AssertRejected(string parameter, Action call) =>
        Assert.That(call, Throws.InstanceOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter));

    private static void AssertEqualsReference(NetworkWeights weights, VectorWidth width, int batchSize)
    {
        int imageSize = weights.Architecture.Input.Size;
        float[] images = RandomNetwork.Images(weights.Architecture, batchSize, seed: 11);
        float[] logits = Forward(Network.Create(weights, width), images, batchSize);
        float[] direct = Forward(Network.Create(weights, width, ConvolutionAlgorithm.Direct), images, batchSize);
        double[] expected = [.. Enumerable.Range(0, batchSize).SelectMany(i => ReferenceNetwork.Logits(weights, images.AsSpan(i * imageSize, imageSize)))];
        Assert.That(logits.Select(logit => (double)logit), Is.EqualTo(expected).Within(LogitTolerance), weights.Architecture.ToJson());
        Assert.That(direct.Select(logit => (double)logit), Is.EqualTo(expected).Within(LogitTolerance), weights.Architecture.ToJson());
    }

    private static float[] Forward(Network network, ReadOnlySpan<float> images, int batchSize)
    {
        float[] logits = new float[batchSize * network.ClassCount];
        network.Forward(images, batchSize, network.CreateWorkspace(batchSize), logits);
        return logits;
    }
}
