using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>The network that tells digits from other images, in the file of the network that reads them.</summary>
internal sealed class OodWeightsTests
{
    private static readonly NetworkWeights Two = NetworkWeights.Random(
        new NetworkArchitecture(new Shape(28, 28, 1), [new ConvolutionLayer(5, 8, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(2)]), seed: 4);

    private static readonly OodRule Rule = new(-1.25, 0.5);

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void File_OfACascade_KeepsTheCascadeToTheBit()
    {
        var cascade = RandomCascade.OfDigits(0.5, 0.75);
        string before = _folder.PathOf("before");
        string after = _folder.PathOf("after");
        string again = _folder.PathOf("again");
        cascade.Save(before);
        Network.Load(before).Save(after, new OodWeights(Two, Rule));
        var network = Network.Load(after);
        new CascadeWeights(network.Stages, network.Cascade!).Save(again);

        Assert.That(File.ReadAllBytes(again), Is.EqualTo(File.ReadAllBytes(before)));
        Assert.That(network.OodDetector!.Rule, Is.EqualTo(Rule));
        foreach (var parameter in Two.Architecture.Parameters)
        {
            Assert.That(network.OodDetector.Network.Stages[0][parameter.Name].ToArray(), Is.EqualTo(Two[parameter.Name].ToArray()));
        }
    }

    [Test]
    public void File_OfASingleNetwork_IsReadWithAndWithoutWhatRejects()
    {
        string path = _folder.PathOf("single");
        RandomCascade.Members[0].Save(path, new OodWeights(Two, Rule));

        Assert.That(Network.Load(path).OodDetector!.Rule, Is.EqualTo(Rule));
        Assert.That(NetworkWeights.Load(path)["conv1.weight"].ToArray(), Is.EqualTo(RandomCascade.Members[0]["conv1.weight"].ToArray()));
    }

    [Test]
    public void File_WithoutWhatRejects_HasNone()
    {
        string path = _folder.PathOf("plain");
        RandomCascade.Members[0].Save(path);

        Assert.That(Network.Load(path).OodDetector, Is.Null);
    }

    [TestCase("{\"threshold\":1}", "min_probability")]
    [TestCase("{\"threshold\":1,\"min_probability\":1.5}", "min_probability is 1.5, expected 0 to 1")]
    [TestCase("{\"threshold\":1,\"min_probability\":0.5,\"more\":1}", "more")]
    [TestCase("{\"threshold\":1,\"min_probability\":-0.1}", "min_probability is -0.1, expected 0 to 1")]
    [TestCase("{\"threshold\":1e400,\"min_probability\":0.5}", "threshold is Infinity, expected a finite number")]
    [TestCase("null", "'reject': is null")]
    [TestCase("no", "'reject'")]
    public void File_WithABadRule_IsRefusedInOneLine(string json, string named)
    {
        string path = _folder.PathOf("bad");
        Write(path, Two, json);

        var error = Assert.Throws<WeightsException>(() => Network.Load(path))!;
        Assert.That(error.Message, Does.StartWith($"{path}: ").And.Contain(named).And.Not.Contain('\n'));
    }

    [Test]
    public void File_WhoseRejectorReadsOtherImages_IsRefused()
    {
        string path = _folder.PathOf("bad");
        Write(path, NetworkWeights.Random(new NetworkArchitecture(new Shape(8, 8, 1), [new DenseLayer(2)]), 1), """{"threshold":1,"min_probability":0.5}""");

        Assert.That(Assert.Throws<WeightsException>(() => Network.Load(path))!.Message, Does.Contain("8x8x1").And.Contain("28x28x1"));
    }

    [Test]
    public void File_WhoseRejectorHasOneClass_IsRefused()
    {
        string path = _folder.PathOf("bad");
        Write(path, NetworkWeights.Random(new NetworkArchitecture(new Shape(28, 28, 1), [new DenseLayer(1)]), 1), """{"threshold":1,"min_probability":0.5}""");

        Assert.That(Assert.Throws<WeightsException>(() => Network.Load(path))!.Message, Does.Contain("expected at least 2"));
    }

    [Test]
    public void Rule_AtItsLimits_IsTaken([Values(0, 1)] double minProbability) =>
        Assert.That(new OodRule(0, minProbability).MinProbability, Is.EqualTo(minProbability));

    [Test]
    public void Score_IsTheLogarithmOfTheOddsOfADigit()
    {
        float[] logits = [1.5f, -2, 0.25f, 3];
        double odds = (Math.Exp(1.5) + Math.Exp(-2) + Math.Exp(0.25)) / Math.Exp(3);

        Assert.That(OodRule.Score(logits), Is.EqualTo(Math.Log(odds)).Within(1e-12));
        Assert.That(OodRule.Score([1000, -1000]), Is.EqualTo(2000).Within(1e-9));
    }

    [TestCase(-1.25, 0.5, OodDecision.Digit)]
    [TestCase(-1.26, 1, OodDecision.NotADigit)]
    [TestCase(double.NaN, 1, OodDecision.NotADigit)]
    [TestCase(5, 0.49, OodDecision.LowConfidence)]
    [TestCase(5, double.NaN, OodDecision.LowConfidence)]
    public void Judge_LooksAtTheScoreFirst(double score, double probability, OodDecision verdict) =>
        Assert.That(Rule.Decide(score, probability), Is.EqualTo(verdict));

    private static void Write(string path, NetworkWeights reject, string rule)
    {
        var reader = RandomCascade.Members[0];
        SafeTensorsFile.Write(
            path,
            reader.FileTensors().Concat(EntryPrefix.Add("reject.", reject.FileTensors())),
            [.. reader.FileMetadata(), KeyValuePair.Create("reject", rule), .. EntryPrefix.Add("reject.", reject.FileMetadata())]);
    }
}
