using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;

namespace Mnist.Tests.Core.Imaging.Decoding;

/// <summary>Compares the reader of plain PNG files with the codec library, and with the pixels that were written.</summary>
public sealed class PlainPngTests
{
    private const int Side = 28;

    [Test]
    public void TryDecode_EveryFilter_GivesTheWrittenPixels([Range(0, 4)] int filter)
    {
        byte[] pixels = TestDigits.Pixels(filter);

        Assert.That(Decode(PngWriter.File(PngWriter.Grey, 8, Filtered(pixels, _ => filter))), Is.EqualTo(pixels));
    }

    [Test]
    public void TryDecode_MixedFilters_GivesTheWrittenPixels()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            byte[] pixels = TestDigits.Pixels(seed);
            var random = new Random(seed);
            byte[] file = PngWriter.File(PngWriter.Grey, 8, Filtered(pixels, _ => random.Next(5)));

            Assert.That(Decode(file), Is.EqualTo(pixels), $"seed {seed}");
            Assert.That(ByCodec(file), Is.EqualTo(pixels), $"seed {seed}, codec");
        }
    }

    [Test]
    public void TryDecode_FileOfTheCodecLibrary_IsDecoded()
    {
        byte[] pixels = TestDigits.Pixels(1);

        Assert.That(Decode(DigitPng.Encode(pixels)), Is.EqualTo(pixels));
    }

    [TestCase("gAMA", new byte[] { 0, 0, 0xB1, 0x8F })]
    [TestCase("gAMA", new byte[] { 1 })]
    [TestCase("sRGB", new byte[] { 0 })]
    [TestCase("sRGB", new byte[] { 99, 99 })]
    [TestCase("cHRM", new byte[] { 7 })]
    [TestCase("sBIT", new byte[] { 8 })]
    [TestCase("sBIT", new byte[] { 99, 1 })]
    [TestCase("pHYs", new byte[] { 0, 0, 0, 1, 0, 0, 0, 9, 1 })]
    [TestCase("tIME", new byte[] { 7, 0xEA, 99, 99, 99, 99, 99 })]
    [TestCase("tEXt", new byte[] { 65, 0, 66 })]
    public void TryDecode_IrrelevantChunk_ChangesNothing(string type, byte[] content)
    {
        byte[] pixels = TestDigits.Pixels(2);
        byte[] file = PngWriter.File(PngWriter.Grey, 8, PngWriter.Rows(pixels, Side), PngWriter.Chunk(type, content));

        Assert.That(Decode(file), Is.EqualTo(pixels));
        Assert.That(ByCodec(file), Is.EqualTo(pixels));
    }

    [Test]
    public void TryDecode_StoredBlock_GivesTheWrittenPixels()
    {
        // A stored block (RFC 1951, section 3.2.4), with and without the flag of the last block.
        byte[] pixels = TestDigits.Pixels(3);
        byte[] rows = PngWriter.Rows(pixels, Side);
        byte[] last = [0x78, 0x01, 1, (byte)rows.Length, (byte)(rows.Length >> 8), (byte)~rows.Length, (byte)(~rows.Length >> 8), .. rows, .. PngWriter.Data(rows)[^8..^4]];
        byte[] notLast = [.. last];
        notLast[2] = 0;

        Assert.That(Decode(File(last)), Is.EqualTo(pixels));
        Assert.That(Decode(File(notLast)), Is.EqualTo(pixels).Or.Null);

        static byte[] File(byte[] data) => [.. PngWriter.Start(Side, Side), .. PngWriter.Chunk("IDAT", data), .. PngWriter.End];
    }

    private static IEnumerable<TestCaseData<byte[]>> FilesOfTheCodec()
    {
        byte[] rows = PngWriter.Rows(TestDigits.Pixels(0), Side);
        byte[] good = PngWriter.File(PngWriter.Grey, 8, rows);
        byte[] wrongChecksum = [.. good];
        wrongChecksum[^14]++;
        yield return Left(wrongChecksum, "wrong checksum");
        yield return Left(PngWriter.File(PngWriter.Grey, 8, rows, PngWriter.Chunk("tRNS", [0, 7])), "transparency");
        yield return Left(PngWriter.File(PngWriter.Grey, 8, rows, PngWriter.Chunk("ABCD", [])), "an unknown chunk");
        yield return Left([.. PngWriter.Start(Side, Side), .. PngWriter.Data(rows), .. PngWriter.Chunk("gAMA", [0, 0, 0xB1, 0x8F]), .. PngWriter.End], "a chunk after the pixels");
        yield return Left(PngWriter.File(PngWriter.Grey, 8, rows[..^1]), "a byte too few");
        yield return Left(PngWriter.File(PngWriter.Grey, 8, [.. rows, 0]), "a byte too many");
        yield return Left(PngWriter.File(PngWriter.Grey, 8, [5, .. rows[1..]]), "unknown filter");
        yield return Left([.. good, .. PngWriter.End], "two ends");
        yield return Left([.. PngWriter.Start(Side, Side), .. PngWriter.Chunk("IDAT", PngWriter.NeedsDictionary), .. PngWriter.End], "a preset dictionary");
        foreach (int cut in new[] { 1, 2, 3, 4, 5, 9 })
        {
            yield return Left([.. PngWriter.Start(Side, Side), .. PngWriter.Chunk("IDAT", PngWriter.Data(rows)[8..^(4 + cut)]), .. PngWriter.End], $"pixel data without its last {cut} bytes");
        }

        yield return Left([.. PngWriter.Start(Side, Side), .. PngWriter.Data(rows), .. PngWriter.Data([]), .. PngWriter.End], "two chunks of pixels");
        yield return Left([.. PngWriter.Start(Side, Side), .. PngWriter.End], "no pixels");
        yield return Left([.. PngWriter.Start(27, Side), .. PngWriter.Data(rows), .. PngWriter.End], "another size");
        yield return Left([], "nothing");
    }

    [TestCaseSource(nameof(FilesOfTheCodec))]
    public void TryDecode_FileThatIsNotPlain_IsLeftToTheCodec(byte[] file) => Assert.That(Decode(file), Is.Null);

    [Test]
    public void TryDecode_ChangedBit_GivesTheCodecsPixelsOrNone()
    {
        byte[] good = PngWriter.Encode([.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i % 9 == 0 ? i : 0))]);
        int start = PngWriter.Start(Side, Side).Length + 8;
        int read = 0;
        for (int i = start; i < good.Length - 16; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. good];
                changed[i] ^= (byte)(1 << bit);
                if (Decode(PngWriter.WithChecksums(changed)) is { } pixels)
                {
                    Assert.That(ByCodec(changed), Is.EqualTo(pixels), $"bit {bit} of byte {i}");
                    read++;
                }
            }
        }

        Assert.That(read, Is.Positive, "some changes keep the file valid, such as that of the compression level");
    }

    private static TestCaseData<byte[]> Left(byte[] file, string name) => new TestCaseData<byte[]>(file).SetArgDisplayNames(name);

    private static byte[]? Decode(byte[] file)
    {
        byte[] pixels = new byte[Side * Side];
        return PlainPng.TryDecode(file, pixels) ? pixels : null;
    }

    private static byte[]? ByCodec(byte[] file)
    {
        byte[] pixels = new byte[Side * Side];
        return SkiaDigitDecoder.TryDecode(file, pixels, out _) ? pixels : null;
    }

    /// <summary>Filtered rows by the PNG specification, section 9: each byte minus the one to the left, the one above, the mean of both, or the Paeth predictor.</summary>
    private static byte[] Filtered(byte[] pixels, Func<int, int> filterOf)
    {
        byte[] rows = new byte[Side * (Side + 1)];
        for (int y = 0; y < Side; y++)
        {
            int filter = filterOf(y);
            rows[y * (Side + 1)] = (byte)filter;
            for (int x = 0; x < Side; x++)
            {
                int a = At(x - 1, y);
                int b = At(x, y - 1);
                int c = At(x - 1, y - 1);
                int[] nearest = [.. new[] { a, b, c }.OrderBy(value => Math.Abs(a + b - c - value))];
                int prediction = new[] { 0, a, b, (a + b) / 2, nearest[0] }[filter];
                rows[(y * (Side + 1)) + 1 + x] = (byte)(At(x, y) - prediction);
            }
        }

        return rows;

        int At(int x, int y) => x < 0 || y < 0 ? 0 : pixels[(y * Side) + x];
    }
}
