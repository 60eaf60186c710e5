using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>The OOD detector in the weights file, its score and its decision.</summary>
internal sealed class OodWeightsTests
{
    private static readonly NetworkWeights Detector = NetworkWeights.Random(
        new NetworkArchitecture(new Shape(28, 28, 1), [new ConvolutionLayer(5, 8, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(2)]), seed: 4);

    private static readonly OodRule Rule = new(-1.25, 0.5);

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Save_WithADetector_KeepsTheCascadeToTheBit()
    {
        var cascade = RandomCascade.OfDigits(0.5, 0.75);
        string before = _folder.PathOf("before");
        string after = _folder.PathOf("after");
        string again = _folder.PathOf("again");
        cascade.Save(before);
        Network.Load(before).Save(after, new OodWeights(Detector, Rule));
        var network = Network.Load(after);
        new CascadeWeights(network.Stages[0], network.Stages[1], network.Cascade!).Save(again);

        Assert.That(File.ReadAllBytes(again), Is.EqualTo(File.ReadAllBytes(before)));
        Assert.That(network.OodDetector!.Rule, Is.EqualTo(Rule));
        foreach (var parameter in Detector.Architecture.Parameters)
        {
            Assert.That(network.OodDetector.Network.Stages[0][parameter.Name].ToArray(), Is.EqualTo(Detector[parameter.Name].ToArray()));
        }
    }

    [Test]
    public void Load_SingleNetworkWithADetector_ReadsBoth()
    {
        string path = _folder.PathOf("single");
        RandomCascade.Stages[0].Save(path, new OodWeights(Detector, Rule));

        var network = Network.Load(path);
        Assert.That(network.OodDetector!.Rule, Is.EqualTo(Rule));
        Assert.That(network.Stages.Single()["conv1.weight"].ToArray(), Is.EqualTo(RandomCascade.Stages[0]["conv1.weight"].ToArray()));
    }

    [Test]
    public void Load_WithoutADetector_HasNone()
    {
        string path = _folder.PathOf("plain");
        RandomCascade.Stages[0].Save(path);

        Assert.That(Network.Load(path).OodDetector, Is.Null);
    }

    [TestCase("{\"threshold\":1}", "min_probability")]
    [TestCase("{\"threshold\":1,\"min_probability\":1.5}", "min_probability is 1.5, expected 0 to 1")]
    [TestCase("{\"threshold\":1,\"min_probability\":0.5,\"more\":1}", "more")]
    [TestCase("{\"threshold\":1,\"min_probability\":-0.1}", "min_probability is -0.1, expected 0 to 1")]
    [TestCase("{\"threshold\":1e400,\"min_probability\":0.5}", "threshold is Infinity, expected a finite number")]
    [TestCase("null", "'reject': is null")]
    [TestCase("no", "'reject'")]
    public void Load_InvalidRule_IsRejectedInOneLine(string json, string named)
    {
        string path = _folder.PathOf("bad");
        Write(path, Detector, json);

        var error = Assert.Throws<WeightsException>(() => Network.Load(path))!;
        Assert.That(error.Message, Does.StartWith($"{path}: ").And.Contain(named).And.Not.Contain('\n'));
    }

    [Test]
    public void Load_DetectorForOtherImages_IsRejected()
    {
        string path = _folder.PathOf("bad");
        Write(path, NetworkWeights.Random(new NetworkArchitecture(new Shape(8, 8, 1), [new DenseLayer(2)]), 1), """{"threshold":1,"min_probability":0.5}""");

        Assert.That(Assert.Throws<WeightsException>(() => Network.Load(path))!.Message, Does.Contain("8x8x1").And.Contain("28x28x1"));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Load_DetectorWithoutTwoClasses_IsRejected(int classes)
    {
        string path = _folder.PathOf("bad");
        Write(path, NetworkWeights.Random(new NetworkArchitecture(new Shape(28, 28, 1), [new DenseLayer(classes)]), 1), """{"threshold":1,"min_probability":0.5}""");

        Assert.That(Assert.Throws<WeightsException>(() => Network.Load(path))!.Message, Does.Contain($"'reject': the network has {classes} classes, expected 2: digit, other"));
    }

    [Test]
    public void Rule_AtItsLimits_IsAccepted([Values(0, 1)] double minProbability) =>
        Assert.That(new OodRule(0, minProbability).MinProbability, Is.EqualTo(minProbability));

    [Test]
    public void Score_OfLogits_IsTheLogOddsOfADigit()
    {
        double odds = Math.Exp(1.5) / Math.Exp(3);

        Assert.That(OodRule.Score([1.5f, 3]), Is.EqualTo(Math.Log(odds)).Within(1e-12));
        Assert.That(OodRule.Score([1000, -1000]), Is.EqualTo(2000).Within(1e-9));
    }

    [Test]
    public void Score_OfABatch_EqualsTheLogOddsOfItsLogits()
    {
        const int Count = 9;
        string path = _folder.PathOf("scores");
        RandomCascade.Stages[0].Save(path, new OodWeights(Detector, Rule));
        var detector = Network.Load(path).OodDetector!;
        float[] images = RandomNetwork.Images(Detector.Architecture, Count, seed: 3);
        float[] logits = new float[2 * Count];
        detector.Network.Forward(images, Count, detector.CreateWorkspace(Count), logits);
        double[] scores = new double[Count];
        var workspace = detector.CreateWorkspace(Count);

        Assert.That(Allocation.LeastOf(() => detector.Score(images, Count, workspace, scores)), Is.Zero);
        Assert.That(scores, Is.EqualTo(logits.Chunk(2).Select(row => (double)row[0] - row[1])));
        Assert.That(() => detector.Score(images, Count, workspace, scores.AsSpan(1)), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(-1.25, 0.5, OodDecision.Digit)]
    [TestCase(-1.26, 1, OodDecision.NotADigit)]
    [TestCase(double.NaN, 1, OodDecision.NotADigit)]
    [TestCase(5, 0.49, OodDecision.LowConfidence)]
    [TestCase(5, double.NaN, OodDecision.LowConfidence)]
    public void Decide_ScoreAndProbability_AppliesTheScoreFirst(double score, double probability, OodDecision expected) =>
        Assert.That(Rule.Decide(score, probability), Is.EqualTo(expected));

    private static void Write(string path, NetworkWeights detector, string rule)
    {
        var classifier = RandomCascade.Stages[0];
        SafeTensorsFile.Write(
            path,
            classifier.FileTensors().Concat(EntryPrefix.Add("reject.", detector.FileTensors())),
            [.. classifier.FileMetadata(), KeyValuePair.Create("reject", rule), .. EntryPrefix.Add("reject.", detector.FileMetadata())]);
    }
}
