using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>The file of a cascade: what is written is read, and what lies is refused with one line.</summary>
[TestFixture]
internal sealed class CascadeWeightsTests
{
    private const string Rule = """{"members":2,"threshold":0.9,"temperature":0.8,"views":1}""";

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
    public void Save_ThenLoad_GivesTheSameMembersAndRule()
    {
        var first = RandomCascade.Members[0];
        var named = new NetworkWeights(
            first.Architecture,
            first.Architecture.Parameters.ToDictionary(parameter => parameter.Name, parameter => new WeightTensor(parameter.Dimensions, first[parameter.Name].ToArray())),
            new Dictionary<string, string> { ["seed"] = "7" });
        var cascade = new CascadeWeights([named, .. RandomCascade.Members.Skip(1)], new CascadeRule(0.987654321012345, 1 / 3.0, views: 5));

        string sha256 = cascade.Save(_path);
        var network = Network.Load(_path);

        Assert.That(network.Sha256, Is.EqualTo(sha256));
        Assert.That(network.Cascade, Is.EqualTo(cascade.Rule));
        Assert.That(network.Stages[0].Metadata["seed"], Is.EqualTo("7"));
        Assert.That(network.Stages, Has.Count.EqualTo(3));
        foreach (var (read, written) in network.Stages.Zip(cascade.Members))
        {
            Assert.That(read.Architecture.ToJson(), Is.EqualTo(written.Architecture.ToJson()));
            Assert.That(read.Architecture.Parameters.SelectMany(parameter => read[parameter.Name].ToArray()),
                Is.EqualTo(written.Architecture.Parameters.SelectMany(parameter => written[parameter.Name].ToArray())));
        }
    }

    [Test]
    public void Save_OfAMemberThatWasLoaded_GivesTheBytesOfItsOwnFile()
    {
        byte[] shipped = File.ReadAllBytes(Repository.PathOf("weights", "mnist.safetensors"));
        var members = Network.Load(Repository.PathOf("weights", "mnist.safetensors")).Stages;
        new CascadeWeights([members[0], NetworkWeights.Random(Architectures.Vgg12, seed: 1)], new CascadeRule(0.9, 1, views: 1)).Save(_path);

        string plain = _folder.PathOf("plain.safetensors");
        Network.Load(_path).Stages[0].Save(plain);

        if (members.Count == 1)
        {
            Assert.That(File.ReadAllBytes(plain), Is.EqualTo(shipped), "a file of one network is what it was");
        }
        else
        {
            members[0].Save(_path);
            Assert.That(File.ReadAllBytes(plain), Is.EqualTo(File.ReadAllBytes(_path)));
        }
    }

    [TestCase("""{"members":1,"threshold":0.9,"temperature":0.8,"views":1}""", "found 1 members, expected 2 to 16")]
    [TestCase("""{"members":17,"threshold":0.9,"temperature":0.8,"views":1}""", "found 17 members, expected 2 to 16")]
    [TestCase("""{"members":-2147483648,"threshold":0.9,"temperature":0.8,"views":1}""", "expected 2 to 16")]
    [TestCase("""{"members":3,"threshold":0.9,"temperature":0.8,"views":1}""", "member 3: the metadata has no 'architecture'")]
    [TestCase("""{"members":2.5,"threshold":0.9,"temperature":0.8,"views":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0,"temperature":0.8,"views":1}""", "threshold is 0, expected above 0 and at most 1")]
    [TestCase("""{"members":2,"threshold":1.5,"temperature":0.8,"views":1}""", "threshold is 1.5, expected above 0 and at most 1")]
    [TestCase("""{"members":2,"threshold":"NaN","temperature":0.8,"views":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0,"views":1}""", "temperature is 0, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":-1,"views":1}""", "temperature is -1, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":1e999,"views":1}""", "temperature is Infinity, expected above 0 and finite")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":2}""", "views is 2, expected 1 or 5")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":1,"more":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":1,"m\nore":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"threshold":0.9,"temperature":0.8,"views":1}""", "not valid JSON of a cascade")]
    [TestCase("""{"members":2,"threshold":0.9,"temperature":0.8,"views":1""", "not valid JSON of a cascade")]
    [TestCase("null", "'cascade' is null")]
    [TestCase("", "not valid JSON of a cascade")]
    public void Load_OfARuleThatCannotBe_SaysWhatIsWrong(string rule, string reason) => AssertRefused(reason, Metadata(rule), Tensors());

    [TestCase(1, 1)]
    [TestCase(1e-300, 1e-300)]
    public void Rule_AtItsLimits_IsTaken(double threshold, double temperature)
    {
        var rule = new CascadeRule(threshold, temperature, views: 5);

        Assert.That((rule.Threshold, rule.Temperature, rule.Views), Is.EqualTo((threshold, temperature, 5)));
    }

    [TestCase(double.NaN, 1)]
    [TestCase(1, double.NaN)]
    public void Rule_OfNoNumbers_IsRefused(double threshold, double temperature) =>
        Assert.That(() => new CascadeRule(threshold, temperature, views: 1), Throws.TypeOf<InvalidDataException>().With.Message.Contains("is NaN, expected above 0"));

    [Test]
    public void Cascade_OfSixteenMembers_IsReadAndOneOfMoreRefused()
    {
        var member = NetworkWeights.Random(Architecture, seed: 1);
        var rule = new CascadeRule(0.9, 1, views: 1);
        new CascadeWeights([.. Enumerable.Repeat(member, 16)], rule).Save(_path);

        Assert.That(Network.Load(_path).Stages, Has.Count.EqualTo(16));
        Assert.That(() => new CascadeWeights([.. Enumerable.Repeat(member, 17)], rule), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Load_OfMembersThatAreNotWhole_NamesMemberAndTensor()
    {
        var tensors = Tensors();
        tensors.Remove("member2.dense1.bias");
        AssertRefused("member 2: tensor 'dense1.bias' of shape [3] is missing", Metadata(Rule), tensors);

        tensors = Tensors();
        tensors["member2.dense1.bias"] = new WeightTensor([2], new float[2]);
        AssertRefused("member 2: tensor 'dense1.bias' has shape [2], expected [3]", Metadata(Rule), tensors);

        tensors = Tensors();
        tensors["member1.dense9.bias"] = new WeightTensor([3], new float[3]);
        AssertRefused("member 1: tensor 'dense9.bias' is not part of the architecture", Metadata(Rule), tensors);

        foreach (string name in new[] { "dense1.bias", "member0.dense1.bias", "member3.dense1.bias", "member10.dense1.bias", "member", "" })
        {
            tensors = Tensors();
            tensors[name] = new WeightTensor([3], new float[3]);
            AssertRefused($"tensor '{name}' is part of none of the 2 members", Metadata(Rule), tensors);
        }
    }

    [Test]
    public void Load_OfMembersThatDisagree_NamesWhatTheyDo()
    {
        var metadata = Metadata(Rule);
        metadata["member2.architecture"] = new NetworkArchitecture(new Shape(2, 8, 1), [new DenseLayer(3)]).ToJson();
        AssertRefused("member 2 maps 2x8x1 to 3 classes, expected 4x4x1 to 3 classes as member 1 does", metadata, Tensors());

        metadata["member2.architecture"] = "{}";
        AssertRefused("member 2: the architecture", metadata, Tensors());

        metadata = Metadata(Rule);
        metadata[NetworkWeights.ArchitectureKey] = Architecture.ToJson();
        AssertRefused("both 'architecture' and 'cascade'", metadata, Tensors());
    }

    [Test]
    public void Load_WhereASingleNetworkIsExpected_SaysThatItIsACascade()
    {
        RandomCascade.OfDigits(0.5, 1).Save(_path);

        Assert.That(() => NetworkWeights.Load(_path), Throws.TypeOf<WeightsException>().With.Message.EqualTo($"{_path}: holds a cascade of several networks, expected a single one"));
    }

    [Test]
    public void Load_OfAFileWithAnyBitOfItsHeaderFlipped_FailsWithOneLineOrGivesACascade()
    {
        SafeTensorsFile.Write(_path, Tensors(), Metadata(Rule));
        byte[] file = File.ReadAllBytes(_path);
        for (int bit = 0; bit < (file.Length - (2 * 51 * sizeof(float))) * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var read = CascadeWeights.IsIn(SafeTensorsFile.Parse(file)) ? CascadeWeights.FromFile(_path, SafeTensorsFile.Parse(file)).Members : [];
                Assert.That(read, Has.Count.EqualTo(2).Or.Empty);
            }
            catch (Exception error) when (error is InvalidDataException or WeightsException)
            {
                Assert.That(error.Message, Does.Not.Contain("\n"));
            }

            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void Save_OfMoreThanTheReaderAccepts_IsRefusedAndLeavesNothing()
    {
        var deep = NetworkWeights.Random(new NetworkArchitecture(new Shape(4, 4, 1), [.. Enumerable.Repeat(new DenseLayer(3), 40)]), seed: 1);

        Assert.That(() => new CascadeWeights([.. Enumerable.Repeat(deep, 16)], new CascadeRule(0.9, 1, views: 1)).Save(_path),
            Throws.TypeOf<WeightsException>().With.Message.Contains("expected at most 65536").And.Message.StartsWith(_path));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }

    private void AssertRefused(string reason, Dictionary<string, string> metadata, Dictionary<string, WeightTensor> tensors)
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
