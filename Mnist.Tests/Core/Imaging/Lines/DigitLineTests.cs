using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Imaging.Normalizing;
using SkiaSharp;

namespace Mnist.Tests.Core.Imaging.Lines;

/// <summary>Lines of straight strokes, whose pieces and candidates are known.</summary>
public sealed class DigitLineTests
{
    private static readonly SKRectI[] Apart = [.. Enumerable.Range(0, 5).Select(i => SKRectI.Create(80 + (100 * i), 200 + (3 * i), 12, 60))];

    [Test]
    public void TryFind_SeparateStrokes_AreCandidatesFromLeftToRight()
    {
        var line = Find([.. Apart.Reverse()]);

        Assert.That(line.Candidates.Select(candidate => candidate.Image.Source), Is.EqualTo(Apart.Select(stroke => new PixelBox(stroke.Left, stroke.Top, 12, 60))));
        Assert.That(line.Candidates.Select(candidate => (candidate.Start, candidate.End)), Is.EqualTo(Enumerable.Range(0, 5).Select(i => (i, i + 1))));
    }

    [Test]
    public void TryFind_OneStroke_GivesTheNormalizersImage()
    {
        Assert.That(DigitNormalizer.TryNormalize(TestPhotos.Stroke, out var expected, out _));
        var found = Find(TestPhotos.Stroke).Candidates.Single().Image;

        Assert.That(found.Pixels.ToArray(), Is.EqualTo(expected!.Pixels.ToArray()));
        Assert.That(found.Source, Is.EqualTo(expected.Source));
    }

    [Test]
    public void TryFind_SpecksAndDash_AreNotCandidates()
    {
        var line = Find([.. Apart, SKRectI.Create(130, 250, 2, 2), SKRectI.Create(330, 100, 3, 2), SKRectI.Create(430, 230, 30, 6)]);

        Assert.That(line.Candidates.Select(candidate => candidate.Image.Source.Height), Is.All.EqualTo(60));
    }

    [Test]
    public void TryFind_FragmentBesideAStroke_GivesBothCandidates()
    {
        var line = Find([.. Apart, SKRectI.Create(100, 200, 14, 6)]);

        Assert.That(line.Pieces.Select(piece => piece.IsFragment), Is.EqualTo(new[] { false, true, false, false, false, false }));
        Assert.That(line.Candidates.Take(2).Select(candidate => candidate.Image.Source), Is.EqualTo(new[] { new PixelBox(80, 200, 12, 60), new PixelBox(80, 200, 34, 60) }));
    }

    [Test]
    public void TryFind_Candidates_HaveSizesRelativeToTheLine()
    {
        var line = Find([.. Apart, SKRectI.Create(100, 245, 20, 30)]);

        Assert.That(line.Candidates.Take(3).Select(candidate => candidate.Size), Is.EqualTo(new[] { 60 / 60.0, 75 / 60.0, 30 / 60.0 }));
    }

    [Test]
    public void TryFind_RuledLine_IsRemoved()
    {
        var line = Find([.. Apart, SKRectI.Create(0, 230, 640, 2)]);

        Assert.That(line.Candidates, Has.Count.EqualTo(5));
    }

    [Test]
    public void TryFind_PhotoAsHighAsTheDigits_FindsAll()
    {
        using var bitmap = new SKBitmap(212, 60, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        bitmap.Erase(SKColors.Black, SKRectI.Create(10, 0, 12, 60));
        bitmap.Erase(SKColors.Black, SKRectI.Create(100, 0, 12, 60));
        bitmap.Erase(SKColors.Black, SKRectI.Create(190, 0, 12, 60));
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);

        Assert.That(Find(png.ToArray()).Candidates.Select(candidate => candidate.Image.Source.X), Is.EqualTo(new[] { 10, 100, 190 }));
    }

    [Test]
    public void Cut_TouchingStrokes_GivesEachAsACandidate()
    {
        // An H: two strokes that a thin bar joins.
        var line = Find([.. Apart, SKRectI.Create(92, 228, 88, 6)]);
        Assert.That(line.Pieces, Has.Count.EqualTo(4));
        var cut = line.Cut(new HashSet<int> { line.Pieces[0].Shape });

        var boxes = cut.Candidates.Select(candidate => candidate.Image.Source).ToList();
        Assert.That(boxes, Has.Some.Matches<PixelBox>(box => box.X == 80 && box.Width < 50 && box.Height == 60));
        Assert.That(boxes, Has.Some.Matches<PixelBox>(box => box.X > 130 && box.X + box.Width == 192 && box.Height == 60));
        Assert.That(cut.Pieces.Count(piece => piece.Shape == line.Pieces[0].Shape), Is.GreaterThan(1));
    }

    [TestCase(DigitLine.MaxDigits, null)]
    [TestCase(DigitLine.MaxDigits + 1, ImageErrorKind.TooManyDigits)]
    public void TryFind_ManyDigits_AreLimited(int digits, ImageErrorKind? expected)
    {
        byte[] file = TestPhotos.Draw([.. Enumerable.Range(0, digits).Select(i => SKRectI.Create(20 + (18 * i), 200, 5, 30))]);

        Assert.That(DigitLine.TryFind(file, out var line, out var error), Is.EqualTo(expected is null));
        Assert.That((line?.Candidates.Count(candidate => candidate.End == candidate.Start + 1), error?.Kind), Is.EqualTo((expected is null ? digits : (int?)null, expected)));
    }

    [Test]
    public void TryFind_NoLineOrSeveral_GivesTheKindOfError()
    {
        var below = Apart.Select(stroke => SKRectI.Create(stroke.Left, stroke.Top + 100, 12, 60));

        Assert.That(ErrorKindOf(TestPhotos.Draw()), Is.EqualTo(ImageErrorKind.Blank));
        Assert.That(ErrorKindOf(TestPhotos.Draw(new SKColor(248, 248, 248), Apart)), Is.EqualTo(ImageErrorKind.LowContrast));
        Assert.That(ErrorKindOf(TestPhotos.Draw([.. Apart, .. below])), Is.EqualTo(ImageErrorKind.SeveralLines));
        Assert.That(ErrorKindOf([1, 2, 3]), Is.EqualTo(ImageErrorKind.Invalid));
    }

    private static ImageErrorKind? ErrorKindOf(byte[] file) => DigitLine.TryFind(file, out _, out var error) ? null : error.Kind;

    private static DigitLine Find(params SKRectI[] strokes) => Find(TestPhotos.Draw(strokes));

    private static DigitLine Find(byte[] file)
    {
        Assert.That(DigitLine.TryFind(file, out var line, out var error), error?.Message);
        return line!;
    }
}
