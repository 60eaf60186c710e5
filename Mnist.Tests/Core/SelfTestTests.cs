using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Models;
using Mnist.Core.Settings;

namespace Mnist.Tests.Core;

public sealed class SelfTestTests
{
    private static readonly string ShippedWeights = Repository.PathOf("weights", "mnist.safetensors");

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(64)]
    public void CountErrors_OfTheShippedNetwork_IsZero(int batchSize) =>
        Assert.That(SelfTest.CountErrors(Load(ShippedWeights, batchSize), worker: 0, batchSize), Is.Zero);

    [Test]
    public void Digits_HaveTwoOfEachClassFromTheTrainingSetAlone()
    {
        Assert.That(SelfTest.Digits, Has.Count.EqualTo(SelfTest.DigitCount).And.Unique);
        var test = TestData.MnistTest;
        var known = Enumerable.Range(0, test.Count).Select(i => Convert.ToHexString(test.Image(i))).ToHashSet();
        foreach (string digit in SelfTest.Digits)
        {
            byte[] pixels = new byte[DigitImage.PixelCount];
            Assert.That(DigitDecoder.TryDecode(Convert.FromBase64String(digit), pixels, out var error), error?.Message);
            Assert.That(known, Does.Not.Contain(Convert.ToHexString(pixels)));
        }
    }

    [TestCase(0f)]
    [TestCase(float.NaN)]
    public void CountErrors_ModelThatComputesNothing_IsNearlyAll(float logit) =>
        Assert.That(SelfTest.CountErrors(new FakeModel("v", (_, _, logits) => logits.Fill(logit)), worker: 0, 8), Is.EqualTo(18));

    [Test]
    public void Load_NetworkThatMisreadsDigits_SaysHowMany()
    {
        var options = new MnistOptions { WeightsPath = RandomWeights.Path };

        Assert.That(() => NetworkModel.Load(options), Throws.TypeOf<InvalidDataException>().With.Message
            .Matches(@"random-digits\.safetensors: the network misreads \d+ of the 20 digits of the self-test, expected at most 2$"));
    }

    [Test]
    public void Load_NetworkAtTheErrorLimit_IsServed()
    {
        int errors = SelfTest.CountErrors(Load(RandomWeights.Path, 64), worker: 0, 64);

        Assert.That(errors, Is.Positive);
        Assert.That(() => NetworkModel.Load(new MnistOptions { WeightsPath = RandomWeights.Path, MaxSelfTestErrors = errors }), Throws.Nothing);
        Assert.That(
            () => NetworkModel.Load(new MnistOptions { WeightsPath = RandomWeights.Path, MaxSelfTestErrors = errors - 1 }), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public async Task Reload_NetworkThatMisreadsDigits_KeepsThePrevious()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("weights.safetensors", await File.ReadAllBytesAsync(ShippedWeights));
        var options = new MnistOptions { WeightsPath = path, Workers = 1 };
        using var recorded = new RecordedMetrics();
        var batcher = new DynamicBatcher(options, NetworkModel.Load(options), recorded.Metrics);
        var shipped = batcher.Model;
        var reloader = new ModelReloader(options, batcher, recorded.Metrics);
        File.Copy(RandomWeights.Path, path, overwrite: true);

        Assert.That(reloader.Reload, Throws.TypeOf<InvalidDataException>());
        Assert.That(batcher.Model, Is.SameAs(shipped));
        File.Copy(ShippedWeights, path, overwrite: true);
        Assert.That(reloader.Reload(), Is.EqualTo(new ModelReload(shipped.Version, shipped.Version)));
        Assert.That(recorded.Of("mnist.reloads"), Is.EqualTo(new[] { (1.0, "failure"), (1.0, "success") }));
        await batcher.StopAsync();
    }

    private static NetworkModel Load(string path, int batchSize) =>
        NetworkModel.Load(new MnistOptions { WeightsPath = path, Workers = 1, MaxBatchSize = batchSize, MaxSelfTestErrors = SelfTest.DigitCount });
}
