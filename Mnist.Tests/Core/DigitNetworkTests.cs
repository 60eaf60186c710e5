using Mnist.Core.Batching;

namespace Mnist.Tests.Core;

public sealed class DigitNetworkTests
{
    [TestCase(14, 10, "the network reads 14x14x1 images, expected 28x28x1")]
    [TestCase(28, 9, "the network tells 9 classes apart, expected 10")]
    [TestCase(28, 11, "the network tells 11 classes apart, expected 10")]
    public void Load_NetworkForAnotherTask_IsRefusedInOneLineWithThePath(int side, int classes, string reason)
    {
        string path = RandomWeights.Other(side, classes);

        Assert.That(() => DigitNetwork.Load(path), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo($"{path}: {reason}"));
    }

    [Test]
    public void Load_FileWithoutANetwork_IsRefusedInOneLineWithThePath()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("empty.safetensors", []);

        Assert.That(() => DigitNetwork.Load(path), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(path).And.Message.Not.Contains('\n'));
    }

    [Test]
    public void CreateJudge_OfWeightsThatTellOnlyDigitsApart_IsNull() =>
        Assert.That(DigitNetwork.Load(RandomWeights.Path).CreateJudge(8), Is.Null);
}
