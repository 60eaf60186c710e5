using Mnist.Core.Models;
using Mnist.Core.Settings;

namespace Mnist.Tests.Core;

public sealed class NetworkModelTests
{
    [TestCase(14, 10, "the network reads 14x14x1 images, expected 28x28x1")]
    [TestCase(28, 9, "the network tells 9 classes apart, expected 10")]
    [TestCase(28, 11, "the network tells 11 classes apart, expected 10")]
    public void Load_NetworkForAnotherTask_FailsInOneLineWithThePath(int side, int classes, string reason)
    {
        string path = RandomWeights.Other(side, classes);

        Assert.That(() => Load(path), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"{path}: {reason}"));
    }

    [Test]
    public void Load_FileWithoutANetwork_FailsInOneLineWithThePath()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("empty.safetensors", []);

        Assert.That(() => Load(path), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(path).And.Message.Not.Contains('\n'));
    }

    [Test]
    public void HasOodDetector_OfWeightsWithoutOne_IsFalse() => Assert.That(Load(RandomWeights.Path).HasOodDetector, Is.False);

    private static NetworkModel Load(string path) => NetworkModel.Load(new MnistOptions { WeightsPath = path, Workers = 1, MaxSelfTestErrors = 20 });
}
