using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class NetworkTests
{
    /// <summary>Rounding of a few thousand single-precision multiply-adds on logits of the order of one.</summary>
    private const double LogitTolerance = 1e-4;

    private static readonly VectorWidth[] Paths = Enum.GetValues<VectorWidth>();

    private static IEnumerable<TestCaseData> NamedArchitectures() =>
        Architectures.ByName.SelectMany(entry => Paths.Select(path => new TestCaseData(entry.Value, path).SetArgDisplayNames(entry.Key, path.ToString())));

    [TestCaseSource(nameof(NamedArchitectures))]
    public void Forward_OfANamedArchitecture_EqualsTheDoublePrecisionReference(NetworkArchitecture architecture, VectorWidth path)
    {
        AssertEqualsReference(NetworkWeights.Random(architecture, seed: 1), path, batchSize: 3);
    }

    [Test]
    public void Forward_AtEveryPlaceOfEveryBatchSize_GivesTheSameBits()
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
    public void Forward_AfterALargerBatch_IsNotDisturbedByWhatItLeft()
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
    public void Forward_AllocatesNothing()
    {
        foreach (var path in Paths)
        {
            var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 8), path);
            float[] images = RandomNetwork.Images(network.Stages[0].Architecture, 8, seed: 9);
            float[] logits = new float[80];
            var workspace = network.CreateWorkspace(8);

            Assert.That(Allocation.LeastOf(() => network.Forward(images, 8, workspace, logits)), Is.Zero, path.ToString());
        }
    }

    [Test]
    public void Forward_WithWrongArguments_SaysWhich()
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 10));
        var other = Network.Create(NetworkWeights.Random(Architectures.Vgg12, seed: 10));
        var workspace = network.CreateWorkspace(2);
        AssertRefused("batchSize", () => network.Forward(new float[784 * 3], 3, workspace, new float[30]));
        AssertRefused("batchSize", () => network.Forward([], 0, workspace, new float[10]));
        AssertRefused("images", () => network.Forward(new float[783], 1, workspace, new float[10]));
        AssertRefused("logits", () => network.Forward(new float[784], 1, workspace, new float[9]));
        AssertRefused("workspace", () => network.Forward(new float[784], 1, other.CreateWorkspace(1), new float[10]));
        AssertRefused("workspace", () => network.Forward(new float[784], 1, null!, new float[10]));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1_369_569, Description = "times the 3136 values of an image between the first two layers it is 1088, modulo 2 to the 32")]
    [TestCase(int.MaxValue)]
    public void CreateWorkspace_OfABatchThatCannotBe_SaysSo(int maxBatchSize)
    {
        var network = Network.Create(NetworkWeights.Random(Architectures.TensorFlask, seed: 12));
        AssertRefused("maxBatchSize", () => network.CreateWorkspace(maxBatchSize));
    }

    private static void AssertRefused(string parameter, Action call) =>
        Assert.That(call, Throws.InstanceOf<ArgumentException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter));

    private static void AssertEqualsReference(NetworkWeights weights, VectorWidth path, int batchSize)
    {
        int imageSize = weights.Architecture.Input.Size;
        float[] images = RandomNetwork.Images(weights.Architecture, batchSize, seed: 11);
        float[] logits = Forward(Network.Create(weights, path), images, batchSize);
        float[] direct = Forward(Network.Create(weights, path, ConvolutionAlgorithm.Direct), images, batchSize);
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
