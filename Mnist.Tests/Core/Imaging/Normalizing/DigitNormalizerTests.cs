using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;
using SkiaSharp;

namespace Mnist.Tests.Core.Imaging.Normalizing;

public sealed class DigitNormalizerTests
{
    /// <summary>The shift is by whole pixels, so the centre of mass is off by at most half a pixel.</summary>
    private const double HalfAPixel = 0.5;

    /// <summary>The share of the ink that may differ between two scales, because edges are sampled differently. Without sharpening, a sixth differs.</summary>
    private const double EdgesOnly = 0.13;

    [Test]
    public void TryNormalize_MnistDigits_StayTheSame()
    {
        var digits = TestData.MnistTest;
        int same = Enumerable.Range(0, 300).Count(i => DigitNormalizer.TryNormalize(PngWriter.Encode(digits.Image(i)), out var image, out _)
            && image.Pixels.ToArray().Zip(digits.Image(i).ToArray(), (found, expected) => Math.Abs(found - expected)).Max() <= 3);

        // The others have strokes thinner than two pixels, or are not exactly preprocessed like MNIST.
        Assert.That(same, Is.GreaterThan(240));
    }

    [Test]
    public void TryNormalize_SmallBlurredDigit_IsAsSharpAsALargeOne()
    {
        Assert.That(DigitNormalizer.TryNormalize(DrawTwo(height: 400, blur: 0), out var expected, out var error), error?.Message);
        Assert.That(DigitNormalizer.TryNormalize(DrawTwo(height: 24, blur: 0.7f), out var found, out error), error?.Message);

        // A centre of mass half-way between two pixels may be rounded to either.
        var differences = from down in Enumerable.Range(-1, 3) from right in Enumerable.Range(-1, 3) select Difference(expected!, found!, (down * 28) + right);
        Assert.That(differences.Min(), Is.LessThan(EdgesOnly));
    }

    // An L of two bars, 40 thick: 200 high and 120 wide. Its centre of mass follows from the two rectangles.
    [TestCase(255, 0)]
    [TestCase(0, 255)]
    [TestCase(90, 160)]
    public void TryNormalize_LShape_IsFramedLikeMnist(byte background, byte ink)
    {
        Assert.That(DigitNormalizer.TryNormalize(DrawL(background, ink, left: 300, top: 100), out var image, out var error), error?.Message);

        double[] centre = Centre(image!.Pixels);
        var rows = Enumerable.Range(0, 28).Where(y => image.Pixels.Slice(y * 28, 28).ContainsAnyExcept((byte)0)).ToList();
        var columns = Enumerable.Range(0, 28).Where(x => Enumerable.Range(0, 28).Any(y => image.Pixels[(y * 28) + x] > 0)).ToList();
        Assert.That((rows.Count, rows[^1] - rows[0], columns.Count), Is.EqualTo((20, 19, 12)));
        Assert.That(centre, Is.All.EqualTo(MnistFraming.Centre).Within(HalfAPixel));

        // The bars are 4 of the 20 pixels thick: 20 x 4 + 8 x 4 white pixels.
        Assert.That(image.Pixels.ToArray().Sum(value => value) / 255.0, Is.EqualTo((20 * 4) + (8 * 4)).Within(1));
        Assert.That(image.Source, Is.EqualTo(new PixelBox(300, 100, 120, 200)));
    }

    [TestCase(3)]
    [TestCase(8)]
    public void TryNormalize_ThinPen_IsWidenedToTwoPixels(int pen)
    {
        using var bitmap = Paper(600, 400, 255);
        bitmap.Erase(SKColors.Black, SKRectI.Create(300 - (pen / 2), 100, pen, 200));
        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);

        Assert.That(image!.Pixels.ToArray().Sum(value => value) / 255.0 / 20, Is.EqualTo(2).Within(0.15));
    }

    [Test]
    public void TryNormalize_HairlineOnALargeSheet_IsWidened()
    {
        using var bitmap = Paper(800, 800, 255);
        bitmap.Erase(SKColors.Black, SKRectI.Create(400, 40, 1, 720));
        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);

        Assert.That(image!.Pixels.ToArray().Sum(value => value) / 255.0 / 20, Is.EqualTo(2).Within(0.25));
    }

    [Test]
    public void TryNormalize_BoxOfAForm_IsRemoved()
    {
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        using var canvas = new SKCanvas(bitmap);
        using var pen = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 4 };
        canvas.DrawRect(200, 50, 350, 300, pen);

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);
        Assert.That(image!.Source, Is.EqualTo(new PixelBox(300, 100, 120, 200)));
    }

    // The lines are as dark as the digit, but narrower.
    [TestCase(true)]
    [TestCase(false)]
    public void TryNormalize_RuledLines_AreRemoved(bool squared)
    {
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        for (int at = 40; at < 600; at += 60)
        {
            bitmap.Erase(SKColors.Black, SKRectI.Create(0, at, 600, 4));
            bitmap.Erase(SKColors.Black, SKRectI.Create(squared ? at : 600, 0, 4, 400));
        }

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);
        Assert.That(image!.Source, Is.EqualTo(new PixelBox(300, 100, 120, 200)));
    }

    [Test]
    public void TryNormalize_InkOfTheSameLuma_IsFound()
    {
        // The same luma: 0.299 x 130 is 0.587 x 66.
        using var bitmap = new SKBitmap(300, 300, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(new SKColor(130, 60, 60));
        bitmap.Erase(new SKColor(0, 126, 60), SKRectI.Create(140, 80, 20, 140));

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);
        Assert.That(image!.Source, Is.EqualTo(new PixelBox(140, 80, 20, 140)));
    }

    [Test]
    public void TryNormalize_Specks_DoNotEnlargeTheBox()
    {
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        bitmap.Erase(SKColors.Black, SKRectI.Create(20, 350, 4, 4));
        bitmap.Erase(SKColors.Black, SKRectI.Create(280, 90, 3, 3));

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out _));
        Assert.That(image!.Source, Is.EqualTo(new PixelBox(300, 100, 120, 200)));
    }

    [Test]
    public void TryNormalize_DitheredPaper_DoesNotEnlargeTheBox()
    {
        // Dithering of pale paper: the specks are close enough to each other to be joined to one stroke.
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        for (int at = 0; at < 600 * 400; at += 101)
        {
            bitmap.SetPixel(at % 600, at / 600, SKColors.Black);
        }

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);
        Assert.That((double)image!.Source.X, Is.EqualTo(300).Within(1));
        Assert.That((image.Source.Width, image.Source.Height), Is.EqualTo((120, 200)).Using<int>((a, b) => Math.Abs(a - b) <= 2));
    }

    [Test]
    public void TryNormalize_NoInk_IsBlank()
    {
        using var grey = Paper(300, 200, 128);
        using var dot = Paper(1, 1, 0);
        using var line = Paper(300, 200, 255);
        using var lines = Paper(300, 200, 255);
        for (int at = 10; at < 300; at += 20)
        {
            lines.Erase(SKColors.Black, SKRectI.Create(0, at, 300, 3));
            lines.Erase(SKColors.Black, SKRectI.Create(at, 0, 3, 200));
        }

        line.Erase(SKColors.Black, SKRectI.Create(0, 100, 300, 3));

        Assert.That(new[] { grey, dot, line, lines }.Select(Encode).Append(TestDigits.Png()).Select(ErrorKindOf), Is.All.EqualTo(ImageErrorKind.Blank));
    }

    [Test]
    public void TryNormalize_UnevenLightAlone_IsBlank([Values(0, 40, 90, 220, 315)] int degrees, [Values(0, 0.6)] double bend)
    {
        using var paper = new SKBitmap(400, 300, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var (sine, cosine) = Math.SinCos(degrees * Math.PI / 180);
        for (int y = 0; y < paper.Height; y++)
        {
            for (int x = 0; x < paper.Width; x++)
            {
                // At most from -1 to 1. The light loses two fifths across the sheet, or towards its corners.
                double along = ((cosine * (x - 200)) + (sine * (y - 150))) / 250;
                byte grey = (byte)(220 * (0.75 - (0.2 * (1 - bend) * along) - (0.25 * bend * along * along)));
                paper.SetPixel(x, y, new SKColor(grey, grey, grey));
            }
        }

        Assert.That(ErrorKindOf(Encode(paper)), Is.EqualTo(ImageErrorKind.Blank));
    }

    [Test]
    public void TryNormalize_LowContrast_GivesTheContrast()
    {
        Assert.That(DigitNormalizer.TryNormalize(DrawL(200, 193, left: 300, top: 100), out _, out var error), Is.False);
        Assert.That(error!.Kind, Is.EqualTo(ImageErrorKind.LowContrast));
        Assert.That(error.Message, Does.Contain("by 7 of 255 grey levels; expected at least 12"));
    }

    [Test]
    public void TryNormalize_TwoShapes_AreSeveralDigits()
    {
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        bitmap.Erase(SKColors.Black, SKRectI.Create(460, 120, 40, 160));

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out _, out var error), Is.False);
        Assert.That(error!.Kind, Is.EqualTo(ImageErrorKind.SeveralDigits));
        Assert.That(error.Message, Does.Contain("shows 2 separate shapes"));
    }

    [Test]
    public void TryNormalize_BarOfAFive_IsPartOfTheDigit()
    {
        using var bitmap = SKBitmap.Decode(DrawL(255, 0, left: 300, top: 100));
        bitmap.Erase(SKColors.Black, SKRectI.Create(370, 100, 60, 30));

        Assert.That(DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error), error?.Message);
        Assert.That(image!.Source, Is.EqualTo(new PixelBox(300, 100, 130, 200)));
    }

    [Test]
    public void TryNormalize_OneByteChanged_NeverThrows()
    {
        var random = new Random(6);
        byte[] good = DrawL(255, 0, left: 30, top: 10);
        for (int i = 0; i < 200; i++)
        {
            byte[] changed = [.. good];
            changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            Assert.That(() => DigitNormalizer.TryNormalize(changed, out _, out _), Throws.Nothing);
        }
    }

    [Test]
    public void TryNormalize_RandomShapes_GiveABoxOnThePhotoOrAnError()
    {
        var random = new Random(7);
        for (int i = 0; i < 400; i++)
        {
            using var bitmap = Paper(random.Next(1, 160), random.Next(1, 160), (byte)random.Next(256));
            using var canvas = new SKCanvas(bitmap);
            using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke };
            for (int stroke = random.Next(6); stroke > 0; stroke--)
            {
                paint.StrokeWidth = random.Next(1, 12);
                paint.Color = new SKColor((uint)random.Next());
                canvas.DrawLine(random.Next(-20, 180), random.Next(-20, 180), random.Next(-20, 180), random.Next(-20, 180), paint);
            }

            if (DigitNormalizer.TryNormalize(Encode(bitmap), out var image, out var error))
            {
                Assert.That(image.Pixels.ToArray().Max(), Is.EqualTo(255), $"photo {i}");
                Assert.That(SKRectI.Create(bitmap.Width, bitmap.Height).Contains(
                    SKRectI.Create(image.Source.X, image.Source.Y, image.Source.Width, image.Source.Height)), $"photo {i}: {image.Source}");
            }
            else
            {
                Assert.That(error!.Message, Is.Not.Empty);
            }
        }
    }

    private static ImageErrorKind? ErrorKindOf(byte[] file)
    {
        DigitNormalizer.TryNormalize(file, out _, out var error);
        return error?.Kind;
    }

    /// <summary>The sum of absolute differences between two images, one shifted by some pixels, as a share of the ink. The margins are blank.</summary>
    private static double Difference(DigitImage expected, DigitImage found, int shift) =>
        Enumerable.Range(29, DigitImage.PixelCount - 58).Sum(i => Math.Abs(expected.Pixels[i] - found.Pixels[i + shift]))
        / (double)expected.Pixels.ToArray().Sum(value => value);

    private static double[] Centre(ReadOnlySpan<byte> pixels)
    {
        double mass = 0, x = 0, y = 0;
        for (int i = 0; i < pixels.Length; i++)
        {
            mass += pixels[i];
            x += pixels[i] * (i % 28);
            y += pixels[i] * (i / 28);
        }

        return [x / mass, y / mass];
    }

    /// <summary>A two, its strokes a seventh of its height.</summary>
    private static byte[] DrawTwo(int height, float blur)
    {
        using var bitmap = Paper(2 * height, 2 * height, 230);
        using var canvas = new SKCanvas(bitmap);
        using var path = SKPath.ParseSvgPathData("M 5 7 C 5 2, 13 2, 13 7 C 13 11, 8 13, 4 19 L 15 19");
        using var filter = SKImageFilter.CreateBlur(blur, blur);
        using var pen = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 2.5f, Color = new SKColor(30, 30, 30) };
        using var lens = new SKPaint { ImageFilter = blur > 0 ? filter : null };
        canvas.SaveLayer(lens);
        canvas.Translate(height / 2f, height / 2f);
        canvas.Scale(height / 18f);
        canvas.DrawPath(path, pen);
        canvas.Restore();
        return Encode(bitmap);
    }

    private static byte[] DrawL(byte background, byte ink, int left, int top)
    {
        using var bitmap = Paper(600, 400, background);
        bitmap.Erase(new SKColor(ink, ink, ink), SKRectI.Create(left, top, 40, 200));
        bitmap.Erase(new SKColor(ink, ink, ink), SKRectI.Create(left, top + 160, 120, 40));
        return Encode(bitmap);
    }

    private static SKBitmap Paper(int width, int height, byte grey)
    {
        var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(new SKColor(grey, grey, grey));
        return bitmap;
    }

    private static byte[] Encode(SKBitmap bitmap)
    {
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
