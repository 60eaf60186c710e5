using Mnist.Benchmarks.Engine;
using Mnist.Inference.Kernels;
using Mnist.Inference.Model;

namespace Mnist.Tests.Benchmarks;

internal sealed class AgreementCheckTests
{
    private static readonly Workload Two = new("shipped", NetworkWeights.Random(Architectures.Vgg12, seed: 1), [], BatchSize: 2);

    [Test]
    public void Require_EqualLogits_Passes() =>
        Assert.That(() => AgreementCheck.Require(Two, [new Fixed("engine", [1, 2, 3, 4]), new Fixed("peer", [1, 2, 3.00005f, 4])]), Throws.Nothing);

    [TestCase(3.001f)]
    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void Require_DifferentLogit_ReportsContenderAndImage(float third) =>
        Assert.That(
            () => AgreementCheck.Require(Two, [new Fixed("engine", [1, 2, 3, 4]), new Fixed("peer", [1, 2, third, 4])]),
            Throws.InstanceOf<InvalidDataException>()
                .With.Message.StartsWith("shipped, 2 images: logit 0 of image 1 is ").And.Message.Contains("in peer and 3 in engine"));

    [Test]
    public void Require_TooFewLogits_ReportsTheCounts() =>
        Assert.That(
            () => AgreementCheck.Require(Two, [new Fixed("engine", [1, 2, 3, 4]), new Fixed("peer", [1, 2])]),
            Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("shipped, 2 images: peer returned 2 logits, expected 4 as from engine"));

    [Test]
    public void Require_OnnxRuntimeWithSameWeights_Passes()
    {
        var workload = Workload(NetworkWeights.Random(Architectures.Vgg12, seed: 1));
        using var engine = new EngineContender(workload);
        using var onnx = new OnnxContender(workload);

        Assert.That(() => AgreementCheck.Require(workload, [engine, onnx]), Throws.Nothing);
        Assert.That(engine.Logits(), Has.Length.EqualTo(20).And.Some.GreaterThan(0.01));
    }

    [Test]
    public void Require_OnnxRuntimeWithOtherWeights_Throws()
    {
        using var engine = new EngineContender(Workload(NetworkWeights.Random(Architectures.Vgg12, seed: 1)));
        using var onnx = new OnnxContender(Workload(NetworkWeights.Random(Architectures.Vgg12, seed: 2)));

        Assert.That(() => AgreementCheck.Require(Two, [engine, onnx]), Throws.InstanceOf<InvalidDataException>());
    }

    private static Workload Workload(NetworkWeights weights)
    {
        float[] images = new float[2 * 28 * 28];
        InputScale.ToFloat(TestData.MnistTest.Slice(0, 2).Images, images);
        return Two with { Weights = weights, Images = images };
    }

    private sealed class Fixed(string name, float[] logits) : IContender
    {
        public string Name => name;

        public float[] Logits() => logits;

        public double Measure(int calls) => calls;

        public void Dispose()
        {
        }
    }
}
