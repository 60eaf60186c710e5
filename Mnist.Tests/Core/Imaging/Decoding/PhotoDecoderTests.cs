using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Tests.Inference;
using SkiaSharp;

namespace Mnist.Tests.Core.Imaging.Decoding;

public sealed class PhotoDecoderTests
{
    private const double Tolerance = 1e-3;

    // 3 x 2 pixels; each letter is one pixel, also in the expectations below.
    private const string Stored = "abc/def";

    [TestCase(1, "abc/def")]
    [TestCase(2, "cba/fed")]
    [TestCase(3, "fed/cba")]
    [TestCase(4, "def/abc")]
    [TestCase(5, "ad/be/cf")]
    [TestCase(6, "da/eb/fc")]
    [TestCase(7, "fc/eb/da")]
    [TestCase(8, "cf/be/ad")]
    public void Orientation_EveryTag_TurnsThePhotoUpright(int tag, string upright)
    {
        var orientation = new Orientation(tag);
        var (width, height) = orientation.SizeOf(3, 2);
        string pixels = Stored.Replace("/", "", StringComparison.Ordinal);
        string found = string.Join('/', Enumerable.Range(0, height).Select(y =>
            new string([.. Enumerable.Range(0, width).Select(x => pixels[orientation.IndexOf(x, y, 3, 2)])])));

        Assert.That(found, Is.EqualTo(upright));
    }

    // The corner, right and bottom as 0 or 1, in which the bright square is after the tag is applied; it is stored top left.
    [TestCase(1, 0, 0)]
    [TestCase(2, 1, 0)]
    [TestCase(3, 1, 1)]
    [TestCase(4, 0, 1)]
    [TestCase(5, 0, 0)]
    [TestCase(6, 1, 0)]
    [TestCase(7, 1, 1)]
    [TestCase(8, 0, 1)]
    public void TryDecode_JpegWithExif_IsUpright(byte tag, int right, int bottom)
    {
        using var bitmap = new SKBitmap(64, 32, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Black);
        bitmap.Erase(SKColors.White, SKRectI.Create(0, 0, 16, 16));
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        var photo = Decode(WithOrientation(jpeg.ToArray(), tag));

        Assert.That((photo.OriginalWidth, photo.OriginalHeight), Is.EqualTo(tag < 5 ? (64, 32) : (32, 64)));
        Assert.That(photo.Red[right * (photo.Red.Width - 1), bottom * (photo.Red.Height - 1)], Is.GreaterThan(240));
        Assert.That(photo.Red.Values.ToArray().Average(), Is.EqualTo(255 / 8.0).Within(3));
    }

    [Test]
    public void TryDecode_PngWithExif_IsUprightInBothByteOrders([Range(1, 8)] int tag, [Values] bool littleEndian)
    {
        byte[] rows = PngWriter.Rows([.. Enumerable.Range(0, 28 * 28).Select(i => (byte)(i % 251))], 28);
        var upright = Decode(PngWriter.File(PngWriter.Grey, 8, rows, PngWriter.Chunk("eXIf", Exif((byte)tag, littleEndian))));
        var stored = Decode(PngWriter.File(PngWriter.Grey, 8, rows));

        var orientation = new Orientation(tag);
        Assert.That(
            upright.Red.Values.ToArray(),
            Is.EqualTo(Enumerable.Range(0, 28 * 28).Select(i => stored.Red.Values[orientation.IndexOf(i % 28, i / 28, 28, 28)])));
    }

    [Test]
    public void TryDecode_PngWithDamagedExif_IsAsStored([Range(0, 21)] int length)
    {
        byte[] rows = PngWriter.Rows([.. Enumerable.Range(0, 28 * 28).Select(i => (byte)(i % 251))], 28);
        var photo = Decode(PngWriter.File(PngWriter.Grey, 8, rows, PngWriter.Chunk("eXIf", Exif(3, littleEndian: false)[..length])));

        Assert.That(photo.Red[1, 0], Is.EqualTo(1f));
    }

    [Test]
    public void TryDecode_JpegScaledWhileDecoding_CoversTheSameArea()
    {
        using var bitmap = new SKBitmap(2400, 1600, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.Black);
        bitmap.Erase(SKColors.White, SKRectI.Create(600, 400, 1200, 800));
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        var photo = Decode(jpeg.ToArray());

        Assert.That((photo.Red.Width, photo.Red.Height), Is.EqualTo((768, 512)));
        Assert.That((photo.Red[190, 256], photo.Red[194, 256], photo.Red[573, 256], photo.Red[577, 256]), Is.EqualTo((0f, 255f, 255f, 0f)).Using<float>((a, b) => Math.Abs(a - b) < 12));
        Assert.That(photo.ToOriginal(new PixelBox(192, 128, 384, 256)), Is.EqualTo(new PixelBox(600, 400, 1200, 800)));
    }

    [Test]
    public void TryDecode_Palette_GivesItsColours()
    {
        byte[] palette = PngWriter.Chunk("PLTE", [10, 20, 30, 200, 100, 50]);
        byte[] rows = PngWriter.Rows([.. Enumerable.Range(0, 28 * 28).Select(i => (byte)(i % 2))], 28);
        var photo = Decode(PngWriter.File(PngWriter.Palette, 8, rows, palette));

        Assert.That((photo.Red[0, 5], photo.Green[0, 5], photo.Blue[0, 5]), Is.EqualTo((10f, 20f, 30f)));
        Assert.That((photo.Red[1, 5], photo.Green[1, 5], photo.Blue[1, 5]), Is.EqualTo((200f, 100f, 50f)));
    }

    [Test]
    public void TryDecode_16Bit_KeepsTheHighByte()
    {
        byte[] samples = [.. Enumerable.Range(0, 28 * 28).SelectMany(i => new byte[] { (byte)i, 0x7F })];
        var photo = Decode(PngWriter.File(PngWriter.Grey, 16, PngWriter.Rows(samples, 56)));

        Assert.That(photo.Green.Values.ToArray(), Is.EqualTo(Enumerable.Range(0, 28 * 28).Select(i => (byte)i)));
    }

    [TestCase(0, 255)]
    [TestCase(255, 0)]
    [TestCase(90, 255)]
    [TestCase(160, 0)]
    public void TryDecode_TransparentPhoto_IsPaintedOnContrast(byte grey, byte background)
    {
        // Opaque, half transparent and transparent pixels alternate; the colour of transparent pixels must not show.
        byte[] samples = [.. Enumerable.Range(0, 28 * 28).SelectMany(i => (i % 3) switch
        {
            0 => new byte[] { grey, 255 },
            1 => [grey, 128],
            _ => [background, 0],
        })];
        var photo = Decode(PngWriter.File(PngWriter.GreyAlpha, 8, PngWriter.Rows(samples, 56)));

        double half = ((128 * grey) + (127 * background)) / 255.0;
        Assert.That(photo.Blue.Row(0)[..3].ToArray(), Is.EqualTo(new[] { grey, half, background }).Within(Tolerance));
    }

    [TestCase(100_000u, 100_000u, "100000x100000")]
    [TestCase(5000u, 2501u, "at most 12 megapixels")]
    public void TryDecode_TooManyPixels_IsRejectedByTheHeader(uint width, uint height, string reason)
    {
        byte[] file = [.. PngWriter.Start(width, height), .. PngWriter.Data([]), .. PngWriter.End];
        bool decoded = true;
        ImageError? error = null;
        long allocated = Allocation.LeastOf(() => decoded = PhotoDecoder.TryDecode(file, out _, out error));

        Assert.That(decoded, Is.False);
        Assert.That(error!.Message, Does.Contain(reason).And.Contain("Scale it down"));
        Assert.That(allocated, Is.LessThan(100_000));
    }

    [Test]
    public void TryDecode_HalfAFile_IsRejected()
    {
        byte[] png = TestDigits.Png();

        Assert.That(PhotoDecoder.TryDecode(png.AsSpan(0, png.Length / 2), out _, out var error), Is.False);
        Assert.That(error!.Message, Does.Contain("truncated"));
    }

    private static Photo Decode(byte[] file)
    {
        Assert.That(PhotoDecoder.TryDecode(file, out var photo, out var error), error?.Message);
        return photo!;
    }

    /// <summary>Puts an EXIF segment with one entry, the orientation (tag 0x0112), behind the start of a JPEG file.</summary>
    private static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(orientation, littleEndian: false)];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    /// <summary>A directory with one entry, the orientation (tag 0x0112).</summary>
    private static byte[] Exif(byte orientation, bool littleEndian) => littleEndian
        ? [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
        : [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
}
