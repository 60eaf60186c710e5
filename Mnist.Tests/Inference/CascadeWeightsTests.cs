using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>The file of a cascade: it round-trips, and every invalid one is rejected in one line.</summary>
[TestFixture]
internal sealed class CascadeWeightsTests
{
    private const string Rule = """{"members":2,"threshold":0.9,"temperature":0.8,"views":5}""";

    private static readonly NetworkArchitecture Architecture = new(new Shape(4, 4, 1), [new DenseLayer(3)]);

    private TemporaryFolder _folder = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _path = _folder.PathOf("cascade.safetensors");
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Save_ThenLoad_GivesTheSameNetworksAndRule()
    {
        var named = WithMetadata(RandomCascade.Stages[0], "seed", "7");
        var cascade = new CascadeWeights(named, RandomCascade.Stages[1], new CascadeRule(0.987654321012345, 1 / 3.0));

        string sha256 = cascade.Save(_path);
        var network = Network.Load(_path);

        Assert.That(network.Sha256, Is.EqualTo(sha256));
        Assert.That(network.Cascade, Is.EqualTo(cascade.Rule));
        Assert.That(network.Stages[0].Metadata["seed"], Is.EqualTo("7"));
        Assert.That(network.Stages, Has.Count.EqualTo(2));
        foreach (var (read, written) in network.Stages.Zip(cascade.Stages))
        {
            Assert.That(read.Architecture.ToJson(), Is.EqualTo(written.Architecture.ToJson()));
            Assert.That(read.Architecture.Parameters.SelectMany(parameter => read[parameter.Name].ToArray()),
                Is.EqualTo(written.Architecture.Parameters.SelectMany(parameter => written[parameter.Name].ToArray())));
        }
    }

    [Test]
    public void Save_OfTheShippedFile_GivesItsBytes()
    {
        string shipped = Repository.PathOf("weights", "mnist.safetensors");
        var network = Network.Load(shipped);

        network.Save(_path, new OodWeights(network.OodDetector!.Network.Stages[0], network.OodDetector.Rule));

        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(File.ReadAllBytes(shipped)));
    }

    [Test]
    public void Save_OfAStageThatWasLoaded_GivesTheBytesOfItsOwnFile()
    {
        RandomCascade.OfDigits(0.9, 1).Save(_path);
        string loaded = _folder.PathOf("loaded.safetensors");
        string original = _folder.PathOf("original.safetensors");

        Network.Load(_path).Stages[1].Save(loaded);
        RandomCascade.Stages[1].Save(original);

        Assert.That(File.ReadAllBytes(loaded), Is.EqualTo(File.ReadAllBytes(original)));
    }

    [TestCase("""{"members":1,"threshold":0.9,"temperature":0.8,"views":5}""", "'cascade' has 1 members, this engine runs cascades of 2 members only")]
    [TestCase("""{"members":-2147483648,"threshold":0.9,"temperature":0.8,"views":5}""", "'cascade' has -2147483648 members, this engine runs cascades of 2 members only")]
    [TestCase("""{"members":3,"threshold":0.9,"temperature":0.8,"views":5}""", "'cascade' has 3 members, this engine runs cascades of 2 members only")]
    [TestCase("""{"members":2.5,"threshold":0.9,"temperature":0.8,"views":5}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0,"temperature":0.8,"views":5}""", "threshold is 0, expected above 0 and at most 1")]
    [TestCase("""{"members":2,"threshold":1.5,"temperature":0.8,"views":5}""", "threshold is 1.5, expected above 0 and at most 1")]
    [TestCase("""{"members":2,"threshold":"NaN","temperature":0.8,"views":5}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0,"views":5}""", "temperature is 0, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":-1,"views":5}""", "temperature is -1, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":1e999,"views":5}""", "temperature is Infinity, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":1}""", "'cascade' has 1 views, this engine runs cascades of 5 views only")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":5,"more":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":5,"m\nore":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"threshold":0.9,"temperature":0.8,"views":5}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":5""", "not valid JSON of a cascade")]
    [TestCase("null", "'cascade' is null")]
    [TestCase("", "not valid JSON of a cascade")]
    public void Load_InvalidRule_NamesTheError(string rule, string reason) => AssertRejected(reason, Metadata(rule), Tensors());

    [TestCase(1, 1)]
    [TestCase(1e-300, 1e-300)]
    public void Rule_AtItsLimits_IsAccepted(double threshold, double temperature)
    {
        var rule = new CascadeRule(threshold, temperature);

        Assert.That((rule.Threshold, rule.Temperature), Is.EqualTo((threshold, temperature)));
    }

    [TestCase(double.NaN, 1)]
    [TestCase(1, double.NaN)]
    public void Rule_NaN_IsRejected(double threshold, double temperature) =>
        Assert.That(() => new CascadeRule(threshold, temperature), Throws.TypeOf<InvalidDataException>().With.Message.Contains("is NaN, expected above 0"));

    [Test]
    public void Load_IncompleteNetwork_NamesMemberAndTensor()
    {
        var tensors = Tensors();
        tensors.Remove("member2.dense1.bias");
        AssertRejected("member 2: tensor 'dense1.bias' of shape [3] is missing", Metadata(Rule), tensors);

        tensors = Tensors();
        tensors["member2.dense1.bias"] = new WeightTensor([2], new float[2]);
        AssertRejected("member 2: tensor 'dense1.bias' has shape [2], expected [3]", Metadata(Rule), tensors);

        tensors = Tensors();
        tensors["member1.dense9.bias"] = new WeightTensor([3], new float[3]);
        AssertRejected("member 1: tensor 'dense9.bias' is not part of the architecture", Metadata(Rule), tensors);

        foreach (string name in new[] { "dense1.bias", "member0.dense1.bias", "member3.dense1.bias", "member10.dense1.bias", "member", "" })
        {
            tensors = Tensors();
            tensors[name] = new WeightTensor([3], new float[3]);
            AssertRejected($"tensor '{name}' belongs to neither member, expected the prefix member1. or member2.", Metadata(Rule), tensors);
        }
    }

    [Test]
    public void Load_NetworksForDifferentTasks_NamesBothTasks()
    {
        var metadata = Metadata(Rule);
        metadata["member2.architecture"] = new NetworkArchitecture(new Shape(2, 8, 1), [new DenseLayer(3)]).ToJson();
        AssertRejected("member 2 maps 2x8x1 to 3 classes, expected 4x4x1 to 3 classes as member 1 does", metadata, Tensors());

        metadata["member2.architecture"] = "{}";
        AssertRejected("member 2: the architecture", metadata, Tensors());

        metadata = Metadata(Rule);
        metadata[NetworkWeights.ArchitectureKey] = Architecture.ToJson();
        AssertRejected("both 'architecture' and 'cascade'", metadata, Tensors());
    }

    [Test]
    public void Load_AnyBitOfTheHeaderFlipped_FailsInOneLineOrGivesACascade()
    {
        SafeTensorsFile.Write(_path, Tensors(), Metadata(Rule));
        byte[] file = File.ReadAllBytes(_path);
        for (int bit = 0; bit < (file.Length - (2 * 51 * sizeof(float))) * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                Assert.That(WeightsException.Locate(_path, () => CascadeWeights.Parse(SafeTensorsFile.Parse(file)))?.Stages, Is.Null.Or.Count.EqualTo(2));
            }
            catch (Exception error) when (error is InvalidDataException or WeightsException)
            {
                Assert.That(error.Message, Does.Not.Contain("\n"));
            }

            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void Save_HeaderTooLarge_IsRejectedAndLeavesNoFile()
    {
        var wordy = WithMetadata(NetworkWeights.Random(Architecture, seed: 1), "note", new string('x', 40_000));

        Assert.That(() => new CascadeWeights(wordy, wordy, new CascadeRule(0.9, 1)).Save(_path),
            Throws.TypeOf<WeightsException>().With.Message.Contains("expected at most 65536").And.Message.StartsWith(_path));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    private static NetworkWeights WithMetadata(NetworkWeights network, string key, string value) => new(
        network.Architecture,
        network.Architecture.Parameters.ToDictionary(parameter => parameter.Name, parameter => new WeightTensor(parameter.Dimensions, network[parameter.Name].ToArray())),
        new Dictionary<string, string> { [key] = value });

    private void AssertRejected(string reason, Dictionary<string, string> metadata, Dictionary<string, WeightTensor> tensors)
    {
        SafeTensorsFile.Write(_path, tensors, metadata);
        Assert.That(() => Network.Load(_path),
            Throws.TypeOf<WeightsException>().With.Message.Contains(reason).And.Message.StartsWith($"{_path}: ").And.Message.Not.Contains("\n"));
    }

    private static Dictionary<string, string> Metadata(string rule) => new()
    {
        ["cascade"] = rule,
        ["member1.architecture"] = Architecture.ToJson(),
        ["member2.architecture"] = Architecture.ToJson(),
    };

    private static Dictionary<string, WeightTensor> Tensors() => Enumerable.Range(1, 2)
        .SelectMany(member => Architecture.Parameters.Select(parameter => (Name: $"member{member}.{parameter.Name}", parameter.Dimensions, parameter.Count)))
        .ToDictionary(tensor => tensor.Name, tensor => new WeightTensor(tensor.Dimensions, new float[tensor.Count]));
}
