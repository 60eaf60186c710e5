using System.IO.Compression;
using Mnist.Training.Data;

namespace Mnist.Tests.Training.Data;

public class IdxFileTests
{
    [Test]
    public void Read_MnistTestFiles_GivesThePublishedDigits()
    {
        var test = TestData.MnistTest;

        Assert.That(test.Count, Is.EqualTo(10_000));
        Assert.That(test.Labels[..10], Is.EqualTo(new byte[] { 7, 2, 1, 0, 4, 1, 4, 9, 5, 9 }));
        // The published number of test images of each digit.
        Assert.That(test.Labels.CountBy(label => label).OrderBy(pair => pair.Key).Select(pair => pair.Value),
            Is.EqualTo(new[] { 980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009 }));
        // The published mean of the test pixels is 0.1325 of white.
        Assert.That(test.Images.Average(pixel => pixel / 255.0), Is.EqualTo(0.1325).Within(0.0001));
        Assert.That(test.Image(1).ToArray(), Is.EqualTo(test.Images[784..1568]));
    }

    [Test]
    public void Read_PlainAndGzipFile_GivesTheSame()
    {
        using var folder = new TemporaryFolder();
        byte[] file = [.. Idx.Header(0x0803, 2, 28, 28), .. Enumerable.Range(0, 2 * 784).Select(i => (byte)i)];

        byte[] plain = IdxFile.ReadImages(folder.Write("images", file));
        byte[] packed = IdxFile.ReadImages(folder.Write("images.gz", Gzip(file)));

        Assert.That(plain, Is.EqualTo(file[16..]));
        Assert.That(packed, Is.EqualTo(plain));
    }

    private static IEnumerable<TestCaseData> BrokenImages()
    {
        byte[] good = [.. Idx.Header(0x0803, 2, 28, 28), .. new byte[2 * 784]];
        byte[] packed = Gzip(good);
        yield return Broken("Empty", [], "0 bytes, expected an IDX header of 16");
        yield return Broken("CutInTheHeader", good[..15], "15 bytes, expected an IDX header of 16");
        yield return Broken("LabelsMagic", [.. Idx.Header(0x0801, 2, 28, 28), .. new byte[2 * 784]], "magic number 0x00000801, expected 0x00000803");
        yield return Broken("OtherHeight", [.. Idx.Header(0x0803, 2, 32, 28), .. new byte[2 * 784]], "32 pixels in dimension 1, expected 28");
        yield return Broken("OtherWidth", [.. Idx.Header(0x0803, 2, 28, 27), .. new byte[2 * 784]], "27 pixels in dimension 2, expected 28");
        yield return Broken("NegativeCount", Idx.Header(0x0803, -1, 28, 28), "promises 4294967295 items");
        yield return Broken("HugeCount", Idx.Header(0x0803, int.MaxValue, 28, 28), "promises 2147483647 items, expected at most 1000000");
        yield return Broken("CountTooLarge", [.. Idx.Header(0x0803, 3, 28, 28), .. new byte[2 * 784]], "1584 bytes, expected 2368 for the 3 items");
        yield return Broken("OneByteShort", good[..^1], "1583 bytes, expected 1584");
        yield return Broken("OneByteMore", [.. good, 0], "1585 bytes, expected 1584");
        yield return Broken("PackedAndCut", packed[..(packed.Length / 2)], "images");
        yield return Broken("PackedAndChanged", [.. packed[..^8], (byte)(packed[^8] ^ 1), .. packed[^7..]], "images");
        yield return Broken("Text", "<html>404 Not Found</html>"u8.ToArray(), "magic number 0x3C68746D, expected 0x00000803");
    }

    [TestCaseSource(nameof(BrokenImages))]
    public void ReadImages_BrokenFile_SaysWhatWasFoundAndExpected(byte[] content, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("images", content);

        Assert.That(() => IdxFile.ReadImages(path), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(path).And.Message.Contains(message));
    }

    [Test]
    public void Unpack_MoreThanAllowed_Throws()
    {
        byte[] bomb = Gzip(new byte[10_000_000]);

        Assert.That(() => IdxFile.Unpack(bomb, 100_000), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("unpacks to more than 100000 bytes"));
    }

    [Test]
    public void Load_FilesThatDoNotMatch_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        string images = folder.Write("images", [.. Idx.Header(0x0803, 2, 28, 28), .. new byte[2 * 784]]);
        string oneLabel = folder.Write("one", [.. Idx.Header(0x0801, 1), 7]);
        string noDigit = folder.Write("ten", [.. Idx.Header(0x0801, 2), 7, 10]);

        Assert.That(() => DigitDataset.Load(images, oneLabel),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("1568 pixels, expected 784 for 1 labels"));
        Assert.That(() => DigitDataset.Load(images, noDigit),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("label 1 is 10, expected 0 to 9"));
    }

    [Test]
    public void Split_Count_TakesTheLastImagesForValidation()
    {
        var (training, validation) = TestData.MnistTest.Split(MnistFile.ValidationCount - 1);

        Assert.That(training.Count, Is.EqualTo(1));
        Assert.That(training.Labels, Is.EqualTo(new byte[] { 7 }));
        Assert.That(validation.Count, Is.EqualTo(9_999));
        Assert.That(validation.Image(0).ToArray(), Is.EqualTo(TestData.MnistTest.Image(1).ToArray()));
    }

    private static TestCaseData Broken(string name, byte[] content, string message) =>
        new TestCaseData(content, message).SetArgDisplayNames(name);

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }
}
