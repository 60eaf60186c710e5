using System.Buffers.Binary;
using System.Text;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

/// <summary>The reader against invalid files: each must fail in one line with the path.</summary>
[TestFixture]
internal sealed class SafeTensorsFileTests
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Test]
    public void Write_ThenRead_GivesTheSameTensorsAndMetadata()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        var tensors = new Dictionary<string, WeightTensor> { ["b"] = new([2, 3], [1, 2, 3, 4, 5, -6.5f]), ["a"] = new([1], [float.MaxValue]) };
        string sha256 = SafeTensorsFile.Write(path, tensors, new Dictionary<string, string> { ["note"] = "grüß \"dich\"" });

        var read = SafeTensorsFile.Read(path);
        Assert.That(read.Sha256, Is.EqualTo(sha256));
        Assert.That(read.Metadata, Is.EqualTo(new Dictionary<string, string> { ["note"] = "grüß \"dich\"" }));
        Assert.That(read.Tensors.Keys, Is.EquivalentTo(tensors.Keys));
        Assert.That(read.Tensors["b"].Dimensions, Is.EqualTo(new[] { 2, 3 }));
        Assert.That(read.Tensors["b"].Values, Is.EqualTo(tensors["b"].Values));
        Assert.That(read.Tensors["a"].Values, Is.EqualTo(tensors["a"].Values));
    }

    [Test]
    public void Parse_FileWrittenFromTheSpecification_ReadsIt()
    {
        byte[] file = FileOf("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", BitConverter.GetBytes(1.5f), BitConverter.GetBytes(-2f));
        Assert.That(SafeTensorsFile.Parse(file).Tensors["t"].Values, Is.EqualTo(new[] { 1.5f, -2f }));
    }

    [TestCase("""[1]""", 0, "not a JSON object")]
    [TestCase("""{"t":""", 0, "not valid JSON")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON")]
    [TestCase("""{"t":1}""", 0, "dtype, shape and data_offsets")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1]}}""", 4, "dtype, shape and data_offsets")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", 4, "nothing else")]
    [TestCase("""{"t":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}""", 4, "dtype F32")]
    [TestCase("""{"t":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", 4, "dtype F32")]
    [TestCase("""{"t":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}""", 4, "no valid shape")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "no valid shape")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1e99],"data_offsets":[0,4]}}""", 4, "no valid shape")]
    [TestCase("""{"t":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4, "no valid shape")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "no valid shape")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "no valid data_offsets")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "no valid data_offsets")]
    [TestCase("""{"t":{"dtype":"F32","shape":[268435457],"data_offsets":[0,4]}}""", 4, "extent of 268435457")]
    [TestCase("""{"t":{"dtype":"F32","shape":[268435456],"data_offsets":[0,4]}}""", 4, "'t' has more than 268435456 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[67108864],"data_offsets":[0,4]}}""", 4, "'t' spans bytes 0 to 4, expected 268435456 bytes for shape [67108864]")]
    [TestCase("""{"t":{"dtype":"F32","shape":[67108865],"data_offsets":[0,4]}}""", 4, "'t' has more than 268435456 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1,2],"data_offsets":[0,4]}}""", 4, "expected 8 bytes for shape [1, 2]")]
    [TestCase("""{"t":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0, "extent of 0")]
    [TestCase("""{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "extent of -1")]
    [TestCase("""{"t":{"dtype":"F32","shape":[67108864,67108864,67108864,67108864],"data_offsets":[0,4]}}""", 4, "has more than 268435456 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "expected 8 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "expected 4 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "expected 4 bytes")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "expected 0")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "expected 4")]
    [TestCase("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [TestCase("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "1 bytes follow")]
    [TestCase("""{"__metadata__":1}""", 0, "not a JSON object")]
    [TestCase("""{"__metadata__":{"a":1}}""", 0, "not a string")]
    public void Parse_InvalidHeader_NamesTheError(string header, int dataLength, string reason)
    {
        Assert.That(() => SafeTensorsFile.Parse(FileOf(header, new byte[dataLength])), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
    }

    [Test]
    public void Parse_InvalidHeaderLength_IsRejected([Values(0UL, 1UL, 65_537UL, 1UL << 32, 1UL << 63, ulong.MaxValue)] ulong length)
    {
        byte[] file = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        Assert.That(() => SafeTensorsFile.Parse(file), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void Parse_HeaderAtItsLimit_IsReadAndALongerOneRejected()
    {
        const int Longest = 65_536;
        byte[] longest = FileOf("{}".PadRight(Longest));
        byte[] longer = FileOf("{}".PadRight(Longest + 1));

        Assert.That(SafeTensorsFile.Parse(longest).Tensors, Is.Empty);
        Assert.That(() => SafeTensorsFile.Parse(longer), Throws.TypeOf<InvalidDataException>().With.Message.Contains("header length is 65537, expected at most 65536"));
        Assert.That(() => SafeTensorsFile.Parse(longest.AsSpan(0, 10)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("header length is 65536, but only 2 bytes follow: truncated"));
        Assert.That(() => SafeTensorsFile.Parse(longest.AsSpan(0, 7)), Throws.TypeOf<InvalidDataException>().With.Message.Contains("has 7 bytes, too short"));
        Assert.That(() => SafeTensorsFile.Parse(new byte[8]), Throws.TypeOf<InvalidDataException>().With.Message.Contains("not valid JSON"));
    }

    [Test]
    public void Parse_EightDimensions_ReadsThem()
    {
        byte[] file = FileOf("""{"t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", new byte[8]);

        Assert.That(SafeTensorsFile.Parse(file).Tensors["t"].Dimensions, Is.EqualTo(new[] { 1, 1, 1, 1, 1, 1, 1, 2 }));
    }

    [Test]
    public void Parse_TensorsNotInDataOrder_ReadsEachFromItsOffset()
    {
        byte[] file = FileOf("""{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
            BitConverter.GetBytes(1f), BitConverter.GetBytes(2f));

        Assert.That(SafeTensorsFile.Parse(file).Tensors["a"].Values, Is.EqualTo(new[] { 1f }));
        Assert.That(SafeTensorsFile.Parse(file).Tensors["b"].Values, Is.EqualTo(new[] { 2f }));
    }

    [Test]
    public void Write_AnyHeaderLength_AlignsTheDataToEightBytes([Range(1, 8)] int nameLength)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        SafeTensorsFile.Write(path, [KeyValuePair.Create(new string('t', nameLength), new WeightTensor([1], [1]))], NoMetadata);
        byte[] file = File.ReadAllBytes(path);

        Assert.That(BinaryPrimitives.ReadInt64LittleEndian(file) % 8, Is.Zero);
        Assert.That(file, Has.Length.LessThan(8 + 72 + nameLength + 8 + 4 + 30), "no more spaces than the alignment needs");
    }

    [Test]
    public void Parse_InvalidUtf8_IsRejected()
    {
        byte[] file = FileOf("""{"é":1}""");
        file[sizeof(ulong) + 2] = 0xFF;
        Assert.That(() => SafeTensorsFile.Parse(file), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void Parse_NonFiniteValue_NamesTensorAndIndex(float value)
    {
        byte[] file = FileOf("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", BitConverter.GetBytes(1f), BitConverter.GetBytes(value));
        Assert.That(() => SafeTensorsFile.Parse(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains("'t'").And.Message.Contains("index 1"));
    }

    [Test]
    public void Load_FileCutAtAnyByte_FailsInOneLineWithThePath()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        NetworkWeights.Random(new NetworkArchitecture(new Shape(4, 4, 1), [new DenseLayer(3)]), seed: 1).Save(path);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.That(() => Network.Load(path), Throws.TypeOf<WeightsException>().With.Message.StartsWith(path + ": ").And.Message.Not.Contains("\n"));
        }
    }

    [Test]
    public void Load_AnyBitFlipped_FailsInOneLineOrGivesFiniteWeights()
    {
        var weights = NetworkWeights.Random(new NetworkArchitecture(new Shape(4, 4, 1), [new DenseLayer(3)]), seed: 1);
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        weights.Save(path);
        byte[] file = File.ReadAllBytes(path);
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                var parsed = SafeTensorsFile.Parse(file);
                var read = WeightsException.Locate(path, () => NetworkWeights.Parse(parsed.Tensors, parsed.Metadata));
                Assert.That(read["dense1.weight"].ToArray(), Is.All.Matches<float>(float.IsFinite));
            }
            catch (Exception error) when (error is InvalidDataException or WeightsException)
            {
                Assert.That(error.Message, Does.Not.Contain("\n"));
            }

            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void Load_NoWeightsFile_NamesTheReason()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Network.Load(folder.PathOf("missing")), Throws.TypeOf<WeightsException>().With.Message.Contains("no such file"));
        Assert.That(() => Network.Load(folder.Path), Throws.TypeOf<WeightsException>().With.Message.Contains("is a directory"));
        Assert.That(() => Network.Load(folder.PathOf("missing/file")), Throws.TypeOf<WeightsException>().With.Message.Contains("no such file"));
        Assert.That(() => Network.Load("\0"), Throws.TypeOf<WeightsException>().With.Message.Contains("cannot be read: "));
        File.WriteAllBytes(folder.PathOf("empty"), []);
        Assert.That(() => Network.Load(folder.PathOf("empty")), Throws.TypeOf<WeightsException>().With.Message.Contains("0 bytes"));
    }

    [Test]
    public void Load_FileTooLarge_IsRejectedBeforeItIsRead()
    {
        const long Largest = 256L << 20;
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("large");
        using (var file = File.Create(path))
        {
            file.SetLength(Largest + 1);
        }

        long allocated = Allocation.LeastOf(() => Assert.That(
            () => Network.Load(path), Throws.TypeOf<WeightsException>().With.Message.EqualTo($"{path}: has 268435457 bytes, expected at most 268435456")));
        Assert.That(allocated, Is.LessThan(1 << 20));
    }

    [Test]
    public void Write_NonFiniteValue_KeepsTheExistingFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("weights", [1, 2, 3]);

        Assert.That(
            () => SafeTensorsFile.Write(path, new Dictionary<string, WeightTensor> { ["a"] = new([2], [1, float.NaN]) }, NoMetadata),
            Throws.TypeOf<WeightsException>().With.Message.EqualTo($"{path}: 'a' has a value that is not finite at index 1"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Load_TensorsThatDoNotFitTheArchitecture_NamesTheTensor()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        var architecture = new NetworkArchitecture(new Shape(4, 4, 1), [new DenseLayer(3)]);
        var metadata = new Dictionary<string, string> { [NetworkWeights.ArchitectureKey] = architecture.ToJson() };
        WeightTensor weight = new([3, 16], new float[48]);
        WeightTensor bias = new([3], new float[3]);

        AssertFails(new() { ["dense1.weight"] = weight }, metadata, "'dense1.bias' of shape [3] is missing");
        AssertFails(new() { ["dense1.weight"] = weight, ["dense1.bias"] = bias, ["extra"] = bias }, metadata, "'extra' is not part");
        AssertFails(new() { ["dense1.weight"] = new([16, 3], new float[48]), ["dense1.bias"] = bias }, metadata, "shape [16, 3], expected [3, 16]");
        AssertFails(new() { ["dense1.weight"] = weight, ["dense1.bias"] = bias }, NoMetadata, "no 'architecture'");
        AssertFails(new() { ["dense1.weight"] = weight, ["dense1.bias"] = bias }, new() { [NetworkWeights.ArchitectureKey] = "{}" }, "architecture");

        void AssertFails(Dictionary<string, WeightTensor> tensors, Dictionary<string, string> text, string reason)
        {
            SafeTensorsFile.Write(path, tensors, text);
            Assert.That(() => Network.Load(path), Throws.TypeOf<WeightsException>().With.Message.Contains(reason).And.Message.StartsWith(path));
        }
    }

    [Test]
    public void Save_TargetNotWritable_LeavesNoOtherFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("weights.safetensors");
        Directory.CreateDirectory(path);
        Assert.That(() => NetworkWeights.Random(Architectures.Vgg12, 1).Save(path), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
    }

    private static byte[] FileOf(string header, params byte[][] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. data.SelectMany(bytes => bytes)];
    }
}
