using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using SkiaSharp;

namespace Mnist.Tests.Core.Imaging.Decoding;

public sealed class DigitDecoderTests
{
    private const int PixelCount = 28 * 28;

    private static readonly byte[] Ramp = [.. Enumerable.Range(0, PixelCount).Select(i => (byte)i)];

    private static IEnumerable<TestCaseData<byte[]>> GreyFiles()
    {
        byte[] rgb = [.. Ramp.SelectMany(value => new[] { value, value, value })];
        byte[] rgba = [.. Ramp.SelectMany(value => new byte[] { value, value, value, 255 })];
        byte[] greyAlpha = [.. Ramp.SelectMany(value => new byte[] { value, 255 })];
        byte[] grey16 = [.. Ramp.SelectMany(value => new byte[] { value, 0x7F })];
        byte[] palette = PngWriter.Chunk("PLTE", [.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i })]);
        byte[] gamma = PngWriter.Chunk("gAMA", [0, 0, 0xB1, 0x8F]);

        yield return new TestCaseData<byte[]>(PngWriter.Encode(Ramp)).SetArgDisplayNames("PNG grey");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.Grey, 8, PngWriter.Rows(Ramp, 28), gamma)).SetArgDisplayNames("PNG grey with gamma");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.Grey, 16, PngWriter.Rows(grey16, 56))).SetArgDisplayNames("PNG grey, 16 bit");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.GreyAlpha, 8, PngWriter.Rows(greyAlpha, 56))).SetArgDisplayNames("PNG grey and alpha");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.Rgb, 8, PngWriter.Rows(rgb, 84))).SetArgDisplayNames("PNG colour");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.Rgba, 8, PngWriter.Rows(rgba, 112))).SetArgDisplayNames("PNG colour and alpha");
        yield return new TestCaseData<byte[]>(PngWriter.File(PngWriter.Palette, 8, PngWriter.Rows(Ramp, 28), palette)).SetArgDisplayNames("PNG palette");
        yield return new TestCaseData<byte[]>(OtherFormats.Bmp(Ramp)).SetArgDisplayNames("BMP");
        yield return new TestCaseData<byte[]>(OtherFormats.Gif(Ramp, frames: 1)).SetArgDisplayNames("GIF");
        yield return new TestCaseData<byte[]>(OtherFormats.Encode(Ramp, SKEncodedImageFormat.Webp, quality: 100)).SetArgDisplayNames("WebP, lossless");
    }

    [TestCaseSource(nameof(GreyFiles))]
    public void TryDecode_LosslessFile_GivesExactlyItsPixels(byte[] file) =>
        Assert.That(Decode(file), Is.EqualTo(Ramp));

    [Test]
    public void TryDecode_OneBitPng_GivesBlackAndWhite()
    {
        byte[] rows = PngWriter.Rows([.. Enumerable.Repeat<byte[]>([0b10101010, 0b10101010, 0b10101010, 0b10100000], 28).SelectMany(row => row)], 4);

        Assert.That(Decode(PngWriter.File(PngWriter.Grey, 1, rows)), Is.EqualTo(Enumerable.Range(0, PixelCount).Select(i => i % 2 == 0 ? 255 : 0)));
    }

    [Test]
    public void TryDecode_GreyJpeg_IsCloseToItsPixels()
    {
        byte[] smooth = [.. Enumerable.Range(0, PixelCount).Select(i => (byte)(i % 28 * 9))];
        byte[] pixels = Decode(OtherFormats.Encode(smooth, SKEncodedImageFormat.Jpeg, quality: 100));

        Assert.That(pixels.Zip(smooth, (found, expected) => Math.Abs(found - expected)).Max(), Is.LessThanOrEqualTo(3));
    }

    private static IEnumerable<TestCaseData<byte[], string>> RejectedFiles()
    {
        byte[] good = TestDigits.Png();
        byte[] png = PngWriter.Rows(TestDigits.Pixels(0), 28);
        byte[] animation = PngWriter.Chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]);
        byte[] colour = PngWriter.Rows([.. Enumerable.Range(0, PixelCount).SelectMany(i => new byte[] { 9, 9, (byte)(i == 30 ? 8 : 9) })], 84);
        byte[] transparent = PngWriter.Rows([.. Enumerable.Range(0, PixelCount).SelectMany(i => new byte[] { 9, (byte)(i == 30 ? 254 : 255) })], 56);
        byte[] wrongChecksum = [.. good];
        wrongChecksum[^13]++;

        yield return Rejected([], "not an image", "empty file");
        yield return Rejected("Hello, digit!"u8.ToArray(), "not an image", "text");
        yield return Rejected([0, 0, 28, 28, .. new byte[112]], "not an image", "WBMP");
        yield return Rejected([0, 0, 1, 0, 1, 0, 28, 28, 0, 0, 1, 0, 8, 0, (byte)good.Length, (byte)(good.Length >> 8), 0, 0, 22, 0, 0, 0, .. good], "not an image", "icon");
        yield return Rejected("<svg xmlns='http://www.w3.org/2000/svg' width='28' height='28'/>"u8.ToArray(), "not an image", "SVG");
        yield return Rejected(PngWriter.Start(1, 1)[..8], "truncated", "PNG signature alone");
        yield return Rejected(good[..(good.Length / 2)], "truncated", "half a PNG");
        yield return Rejected(good[..^12], "truncated", "PNG without its end");
        yield return Rejected([.. good, 0], "1 bytes after the end", "PNG with a byte after its end");
        yield return Rejected(wrongChecksum, "damaged", "PNG with a wrong checksum");
        yield return Rejected(PngWriter.File(PngWriter.Grey, 8, png[..400]), "truncated", "PNG with too few rows");
        yield return Rejected(PngWriter.File(PngWriter.Grey, 3, png), "damaged", "PNG with an illegal bit depth");
        yield return Rejected(PngWriter.File(PngWriter.Grey, 8, png, animation), "animated", "animated PNG");
        yield return Rejected(PngWriter.File(PngWriter.Rgb, 8, colour), "differ at column 2, row 1", "colour");
        yield return Rejected(PngWriter.File(PngWriter.GreyAlpha, 8, transparent), "transparent at column 2, row 1; expected opaque pixels. Paint it on a black background, or use 'normalize'", "transparency");
        yield return Rejected(OtherFormats.Gif(Ramp, frames: 2), "animation of 2 frames", "animated GIF");
        yield return Rejected([.. PngWriter.Start(27, 28), .. PngWriter.Data(png), .. PngWriter.End], "27x28", "27x28");
        yield return Rejected([.. PngWriter.Start(28, 29), .. PngWriter.Data(png), .. PngWriter.End], "28x29", "28x29");
        yield return Rejected([.. PngWriter.Start(100_000, 100_000), .. PngWriter.Data([]), .. PngWriter.End], "100000x100000", "PNG that claims 10 gigapixels");
        yield return Rejected([.. PngWriter.Start(0, 0), .. PngWriter.Data([]), .. PngWriter.End], "damaged", "0x0");
        yield return Rejected([0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3], "begins like a JPEG file, but its header is damaged", "JPEG signature alone");
        yield return Rejected([.. "RIFF\x0c\0\0\0WEBP"u8], "begins like a WebP file, but its header is damaged", "WebP signature alone");
        yield return Rejected("BMxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"u8.ToArray(), "header is damaged", "BMP signature alone");
    }

    [TestCaseSource(nameof(RejectedFiles))]
    public void TryDecode_InvalidFile_GivesTheReason(byte[] file, string reason)
    {
        bool decoded = DigitDecoder.TryDecode(file, new byte[PixelCount], out var error);

        Assert.That(decoded, Is.False);
        Assert.That(error!.Kind, Is.EqualTo(ImageErrorKind.Invalid));
        Assert.That(error.Message, Does.Contain(reason));
    }

    /// <summary>Files whose last byte is needed. The trailer of GIF and the padding of WebP follow the complete pixels, so they are left out.</summary>
    private static IEnumerable<TestCaseData<byte[]>> WholeFiles()
    {
        yield return new TestCaseData<byte[]>(TestDigits.Png()).SetArgDisplayNames("PNG");
        yield return new TestCaseData<byte[]>(OtherFormats.Bmp(Ramp)).SetArgDisplayNames("BMP");
        yield return new TestCaseData<byte[]>(OtherFormats.Gif(Ramp, frames: 1)[..^1]).SetArgDisplayNames("GIF");
        yield return new TestCaseData<byte[]>(OtherFormats.Encode(Ramp, SKEncodedImageFormat.Jpeg, 90)).SetArgDisplayNames("JPEG");
        yield return new TestCaseData<byte[]>(OtherFormats.Encode(Ramp, SKEncodedImageFormat.Webp, 100)[..^1]).SetArgDisplayNames("WebP");
    }

    [TestCaseSource(nameof(WholeFiles))]
    public void TryDecode_CutOffAtAnyByte_IsRejected(byte[] file)
    {
        byte[] pixels = new byte[PixelCount];
        for (int length = 0; length < file.Length; length++)
        {
            Assert.That(DigitDecoder.TryDecode(file.AsSpan(0, length), pixels, out _), Is.False, $"first {length} of {file.Length} bytes");
        }
    }

    [TestCaseSource(nameof(WholeFiles))]
    public void TryDecode_OneByteChanged_NeverThrows(byte[] file)
    {
        byte[] pixels = new byte[PixelCount];
        var random = new Random(5);
        for (int i = 0; i < Math.Min(file.Length, 400); i++)
        {
            byte[] changed = [.. file];
            changed[i] ^= (byte)random.Next(1, 256);
            Assert.That(() => DigitDecoder.TryDecode(changed, pixels, out _), Throws.Nothing);
        }
    }

    [TestCase(PixelCount - 1)]
    [TestCase(PixelCount + 1)]
    public void TryDecode_MemoryOfAnotherSize_Throws(int length)
    {
        Assert.That(() => DigitDecoder.TryDecode(TestDigits.Png(), new byte[length], out _), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => SkiaDigitDecoder.TryDecode(TestDigits.Png(), new byte[length], out _), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void DigitImage_OfAnotherSize_Throws() =>
        Assert.That(() => new DigitImage(new byte[783]), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static byte[] Decode(byte[] file)
    {
        byte[] pixels = new byte[PixelCount];
        Assert.That(DigitDecoder.TryDecode(file, pixels, out var error), error?.Message);
        return pixels;
    }

    private static TestCaseData<byte[], string> Rejected(byte[] file, string reason, string name) => new TestCaseData<byte[], string>(file, reason).SetArgDisplayNames(name);
}
