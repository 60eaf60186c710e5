using System.Buffers.Binary;
using SkiaSharp;

namespace Mnist.Tests.Support;

/// <summary>Requests that follow the contract, with files that are no picture of a digit, or one in an unusual form.</summary>
internal static class ImageCases
{
    /// <summary>Name of a whole picture that only its size makes wrong.</summary>
    public const string TooHigh = "PNG: 28x29";

    private static readonly byte[] Good = TestDigits.Png();

    private static readonly byte[] Pixels = TestDigits.Pixels(0);

    private static readonly byte[] Rows = PngWriter.Rows(Pixels, 28);

    public static IEnumerable<BadRequest> All(KnownDigits digits) => [.. NoImages(), .. BrokenPng(), .. OtherPng(), .. Formats(), .. Batches(digits)];

    private static IEnumerable<BadRequest> NoImages()
    {
        byte[] noise = new byte[4096];
        new Random(2).NextBytes(noise);
        byte[] icon = [0, 0, 1, 0, 1, 0, 28, 28, 0, 0, 1, 0, 8, 0, (byte)Good.Length, (byte)(Good.Length >> 8), 0, 0, 22, 0, 0, 0, .. Good];

        yield return Refused("text", "Hello, digit!"u8.ToArray());
        yield return Refused("4 KiB of noise", noise);
        yield return Refused("SVG", "<svg xmlns='http://www.w3.org/2000/svg' width='28' height='28'/>"u8.ToArray());
        yield return Refused("HEIC", [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8]);
        yield return Refused("AVIF", [0, 0, 0, 24, .. "ftypavif\0\0\0\0mif1avif"u8]);
        yield return Refused("TIFF", [.. "II*\0\b\0\0\0"u8, .. new byte[100]]);
        yield return Refused("PDF", "%PDF-1.7\n1 0 obj"u8.ToArray());
        yield return Refused("ZIP", [.. "PK\x03\x04"u8, .. new byte[100]]);
        yield return Refused("icon around a PNG", icon);
        yield return Refused("WBMP", [0, 0, 28, 28, .. new byte[112]]);
        yield return Refused("BMP of 60000x60000", Bmp(60_000));
    }

    private static IEnumerable<BadRequest> BrokenPng()
    {
        const int HeaderChecksum = 29;
        byte[] filtered = [.. Rows];
        filtered[0] = 9;

        yield return Refused("PNG: signature alone", Good[..8]);
        yield return Refused("PNG: first half", Good[..(Good.Length / 2)]);
        yield return Refused("PNG: wrong checksum of the header", Changed(HeaderChecksum));
        yield return Refused("PNG: wrong checksum of the pixels", Changed(Good.Length - 13));
        yield return Refused("PNG: 3 bits", Png(depth: 3));
        yield return Refused("PNG: colour type 5", Png(colourType: 5));
        yield return Refused("PNG: filter 9", PngWriter.File(PngWriter.Grey, 8, filtered));
        yield return Refused("PNG: interlace 7", Png(interlace: 7));
        yield return Refused("PNG: preset dictionary", [.. PngWriter.Start(28, 28), .. PngWriter.Chunk("IDAT", PngWriter.NeedsDictionary), .. PngWriter.End]);
        yield return Refused("PNG: too few rows", PngWriter.File(PngWriter.Grey, 8, Rows[..400]));
        yield return Refused("PNG: 0x0", Sized(0, 0, Rows));
        yield return Refused("PNG: 1x1", Sized(1, 1, [0, 9]));
        yield return Refused("PNG: 27x28", Sized(27, 28, PngWriter.Rows(Pixels[..(27 * 28)], 27)));
        yield return Refused(TooHigh, Sized(28, 29, PngWriter.Rows([.. Pixels, .. Pixels[..28]], 28)));
        yield return Refused("PNG: 100000x100000", Sized(100_000, 100_000, Rows));
        yield return Refused("PNG: 2147483647x2147483647", Sized(int.MaxValue, int.MaxValue, Rows));
        yield return Refused("PNG: bytes behind the end", [.. Good, 0]);
        yield return Refused("PNG: no end", Good[..^12]);
        yield return Refused("PNG: animated", PngWriter.File(PngWriter.Grey, 8, Rows, PngWriter.Chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0])));
        yield return Refused("PNG: transparent value", PngWriter.File(PngWriter.Grey, 8, Rows, PngWriter.Chunk("tRNS", [0, Pixels[0]])));
        yield return Refused("PNG: colour", PngWriter.File(PngWriter.Rgb, 8, PngWriter.Rows([.. Enumerable.Range(0, 28 * 84).Select(i => (byte)i)], 84)));
        yield return Refused("PNG: transparent", PngWriter.File(PngWriter.Rgba, 8, PngWriter.Rows([.. Pixels.SelectMany(value => new byte[] { value, value, value, 254 })], 112)));
    }

    /// <summary>The same pixels in every form that a PNG can give them.</summary>
    private static IEnumerable<BadRequest> OtherPng()
    {
        byte[] palette = PngWriter.Chunk("PLTE", [.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i })]);
        byte[] rotated = PngWriter.Chunk("eXIf", [.. "MM\0*\0\0\0\b\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"u8]);

        yield return Taken("PNG: 16 bits", PngWriter.File(PngWriter.Grey, 16, PngWriter.Rows([.. Pixels.SelectMany(value => new byte[] { value, 99 })], 56)));
        yield return Taken("PNG: grey and alpha", PngWriter.File(PngWriter.GreyAlpha, 8, PngWriter.Rows([.. Pixels.SelectMany(value => new byte[] { value, 255 })], 56)));
        yield return Taken("PNG: grey palette", PngWriter.File(PngWriter.Palette, 8, Rows, palette));
        yield return Taken("PNG: equal red, green and blue", PngWriter.File(PngWriter.Rgb, 8, PngWriter.Rows([.. Pixels.SelectMany(value => new byte[] { value, value, value })], 84)));
        yield return Taken("PNG: orientation that turns it", PngWriter.File(PngWriter.Grey, 8, Rows, rotated));
        yield return Taken("PNG: unknown chunk", PngWriter.File(PngWriter.Grey, 8, Rows, PngWriter.Chunk("miSc", new byte[9000])));
        yield return Taken("PNG: 1 bit", PngWriter.File(PngWriter.Grey, 1, PngWriter.Rows(Pixels[..(28 * 4)], 4))) with { Digits = null };
    }

    private static IEnumerable<BadRequest> Formats()
    {
        byte[] jpeg = OtherFormats.Encode(Pixels, SKEncodedImageFormat.Jpeg, 90);

        yield return Taken("GIF", OtherFormats.Gif(Pixels, frames: 1));
        yield return Taken("BMP", OtherFormats.Bmp(Pixels));
        yield return Taken("WebP", OtherFormats.Encode(Pixels, SKEncodedImageFormat.Webp, 100));
        yield return Taken("JPEG", jpeg) with { Digits = null };
        yield return Refused("GIF: animated", OtherFormats.Gif(Pixels, frames: 2));
        yield return Refused("JPEG: no end", jpeg[..^2]);
        yield return Refused("JPEG: signature alone", jpeg[..4]);
    }

    private static IEnumerable<BadRequest> Batches(KnownDigits digits)
    {
        const int Max = 64;
        int[] all = [.. Enumerable.Range(0, Max)];
        string good = digits.Body(0);
        string images = string.Join(',', Enumerable.Repeat(good["{\"requests\":[".Length..^2], 17));

        yield return BadRequest.OfBody("batch: no image", "{\"requests\":[]}", 400, "invalid-request", "requests");
        yield return BadRequest.OfBody("batch: 64 images", digits.Body(all), 200) with { Digits = all };
        yield return BadRequest.OfBody("batch: backwards", digits.Body(all.Reverse()), 200) with { Digits = [.. all.Reverse()] };
        yield return BadRequest.OfBody("batch: one image 64 times", digits.Body(Enumerable.Repeat(3, Max)), 200) with { Digits = [.. Enumerable.Repeat(3, Max)] };
        yield return BadRequest.OfBody("batch: 65 images", digits.Body([.. all, 0]), 400, "invalid-request", "requests");
        yield return BadRequest.OfBody("batch: a bad one behind 17", $"{{\"requests\":[{images},{{\"image\":\"AAAA\"}}]}}", 422, "invalid-image", "requests[17].image");
    }

    private static BadRequest Refused(string name, byte[] file) => BadRequest.OfBody(name, Body(file), 422, "invalid-image", "requests[0].image");

    private static BadRequest Taken(string name, byte[] file) => BadRequest.OfBody(name, Body(file), 200);

    private static string Body(byte[] file) => MnistServer.Body(Convert.ToBase64String(file));

    private static byte[] Changed(int index)
    {
        byte[] file = [.. Good];
        file[index]++;
        return file;
    }

    private static byte[] Sized(uint width, uint height, byte[] rows) => [.. PngWriter.Start(width, height), .. PngWriter.Data(rows), .. PngWriter.End];

    private static byte[] Png(byte depth = 8, byte colourType = PngWriter.Grey, byte interlace = 0) =>
        [.. Good[..8], .. PngWriter.Chunk("IHDR", [0, 0, 0, 28, 0, 0, 0, 28, depth, colourType, 0, 0, interlace]), .. PngWriter.Data(Rows), .. PngWriter.End];

    private static byte[] Bmp(int side)
    {
        byte[] file = OtherFormats.Bmp(Pixels);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), side);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), side);
        return file;
    }
}
