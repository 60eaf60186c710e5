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
    public void TryDecode_LosslessFileOfAll256Values_GivesExactlyItsPixels(byte[] file)
    {
        bool decoded = DigitDecoder.TryDecode(file, out var image, out string? fault);

        Assert.That(decoded, fault);
        Assert.That(image!.Pixels.ToArray(), Is.EqualTo(Ramp));
    }

    [Test]
    public void TryDecode_OneBitPng_IsBlackAndWhite()
    {
        byte[] rows = PngWriter.Rows([.. Enumerable.Repeat<byte[]>([0b10101010, 0b10101010, 0b10101010, 0b10100000], 28).SelectMany(row => row)], 4);
        bool decoded = DigitDecoder.TryDecode(PngWriter.File(PngWriter.Grey, 1, rows), out var image, out string? fault);

        Assert.That(decoded, fault);
        Assert.That(image!.Pixels.ToArray(), Is.EqualTo(Enumerable.Range(0, PixelCount).Select(i => i % 2 == 0 ? 255 : 0)));
    }

    [Test]
    public void TryDecode_GreyJpeg_IsCloseToItsPixels()
    {
        byte[] smooth = [.. Enumerable.Range(0, PixelCount).Select(i => (byte)(i % 28 * 9))];
        bool decoded = DigitDecoder.TryDecode(OtherFormats.Encode(smooth, SKEncodedImageFormat.Jpeg, quality: 100), out var image, out string? fault);

        Assert.That(decoded, fault);
        Assert.That(image!.Pixels.ToArray().Zip(smooth, (found, expected) => Math.Abs(found - expected)).Max(), Is.LessThanOrEqualTo(3));
    }

    private static IEnumerable<TestCaseData<byte[], string>> RefusedFiles()
    {
        byte[] good = TestDigits.Png();
        byte[] png = PngWriter.Rows(TestDigits.Pixels(0), 28);
        byte[] animation = PngWriter.Chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]);
        byte[] colour = PngWriter.Rows([.. Enumerable.Range(0, PixelCount).SelectMany(i => new byte[] { 9, 9, (byte)(i == 30 ? 8 : 9) })], 84);
        byte[] transparent = PngWriter.Rows([.. Enumerable.Range(0, PixelCount).SelectMany(i => new byte[] { 9, (byte)(i == 30 ? 254 : 255) })], 56);
        byte[] wrongChecksum = [.. good];
        wrongChecksum[^13]++;

        yield return Refused([], "not an image", "empty file");
        yield return Refused("Hello, digit!"u8.ToArray(), "not an image", "text");
        yield return Refused([0, 0, 28, 28, .. new byte[112]], "not an image", "WBMP");
        yield return Refused([0, 0, 1, 0, 1, 0, 28, 28, 0, 0, 1, 0, 8, 0, (byte)good.Length, (byte)(good.Length >> 8), 0, 0, 22, 0, 0, 0, .. good], "not an image", "icon");
        yield return Refused("<svg xmlns='http://www.w3.org/2000/svg' width='28' height='28'/>"u8.ToArray(), "not an image", "SVG");
        yield return Refused(PngWriter.Start(1, 1)[..8], "truncated", "PNG signature alone");
        yield return Refused(good[..(good.Length / 2)], "truncated", "half a PNG");
        yield return Refused(good[..^12], "truncated", "PNG without its end");
        yield return Refused([.. good, 0], "1 bytes after the end", "PNG with a byte after its end");
        yield return Refused(wrongChecksum, "damaged", "PNG with a wrong checksum");
        yield return Refused(PngWriter.File(PngWriter.Grey, 8, png[..400]), "truncated", "PNG with too few rows");
        yield return Refused(PngWriter.File(PngWriter.Grey, 3, png), "damaged", "PNG with an illegal bit depth");
        yield return Refused(PngWriter.File(PngWriter.Grey, 8, png, animation), "animated", "animated PNG");
        yield return Refused(PngWriter.File(PngWriter.Rgb, 8, colour), "differ at column 2, row 1", "colour");
        yield return Refused(PngWriter.File(PngWriter.GreyAlpha, 8, transparent), "transparent at column 2, row 1; expected opaque pixels. Paint it on a black ground, or use 'normalize'", "transparency");
        yield return Refused(OtherFormats.Gif(Ramp, frames: 2), "animation of 2 frames", "animated GIF");
        yield return Refused([.. PngWriter.Start(27, 28), .. PngWriter.Data(png), .. PngWriter.End], "27x28", "27x28");
        yield return Refused([.. PngWriter.Start(28, 29), .. PngWriter.Data(png), .. PngWriter.End], "28x29", "28x29");
        yield return Refused([.. PngWriter.Start(100_000, 100_000), .. PngWriter.Data([]), .. PngWriter.End], "100000x100000", "PNG that claims 10 gigapixels");
        yield return Refused([.. PngWriter.Start(0, 0), .. PngWriter.Data([]), .. PngWriter.End], "damaged", "0x0");
        yield return Refused([0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3], "begins like a JPEG file, but its header is damaged", "JPEG signature alone");
        yield return Refused([.. "RIFF\x0c\0\0\0WEBP"u8], "begins like a WebP file, but its header is damaged", "WebP signature alone");
        yield return Refused("BMxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"u8.ToArray(), "header is damaged", "BMP signature alone");
    }

    [TestCaseSource(nameof(RefusedFiles))]
    public void TryDecode_FileThatIsNoDigit_SaysWhy(byte[] file, string reason)
    {
        bool decoded = DigitDecoder.TryDecode(file, out var image, out string? fault);

        Assert.That(decoded, Is.False);
        Assert.That(image, Is.Null);
        Assert.That(fault, Does.Contain(reason));
    }

    /// <summary>Files whose last byte is needed: without the trailer of GIF and the padding of WebP, which come after complete pixels.</summary>
    private static IEnumerable<TestCaseData<byte[]>> WholeFiles()
    {
        yield return new TestCaseData<byte[]>(TestDigits.Png()).SetArgDisplayNames("PNG");
        yield return new TestCaseData<byte[]>(OtherFormats.Bmp(Ramp)).SetArgDisplayNames("BMP");
        yield return new TestCaseData<byte[]>(OtherFormats.Gif(Ramp, frames: 1)[..^1]).SetArgDisplayNames("GIF");
        yield return new TestCaseData<byte[]>(OtherFormats.Encode(Ramp, SKEncodedImageFormat.Jpeg, 90)).SetArgDisplayNames("JPEG");
        yield return new TestCaseData<byte[]>(OtherFormats.Encode(Ramp, SKEncodedImageFormat.Webp, 100)[..^1]).SetArgDisplayNames("WebP");
    }

    [TestCaseSource(nameof(WholeFiles))]
    public void TryDecode_CutOffAtAnyByte_IsRefused(byte[] file)
    {
        for (int length = 0; length < file.Length; length++)
        {
            Assert.That(DigitDecoder.TryDecode(file.AsSpan(0, length), out _, out _), Is.False, $"first {length} of {file.Length} bytes");
        }
    }

    [TestCaseSource(nameof(WholeFiles))]
    public void TryDecode_OneByteChanged_NeverThrows(byte[] file)
    {
        var random = new Random(5);
        for (int i = 0; i < Math.Min(file.Length, 400); i++)
        {
            byte[] changed = [.. file];
            changed[i] ^= (byte)random.Next(1, 256);
            Assert.That(() => DigitDecoder.TryDecode(changed, out _, out _), Throws.Nothing);
        }
    }

    [Test]
    public void DigitImage_OfAnotherSize_CannotBeMade() =>
        Assert.That(() => new DigitImage(new byte[783]), Throws.TypeOf<ArgumentOutOfRangeException>());

    private static TestCaseData<byte[], string> Refused(byte[] file, string reason, string name) => new TestCaseData<byte[], string>(file, reason).SetArgDisplayNames(name);
}
