using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>A piece of ink of a line: a whole shape, or what a cut left of one.</summary>
/// <param name="Shape">Pieces of one shape have the same number.</param>
/// <param name="Size">The longer side, as a share of the height of the line's digits.</param>
/// <param name="IsFragment">Whether it is too small to be a digit by itself: a part of one, or dirt.</param>
public readonly record struct LinePiece(int Shape, double Size, bool IsFragment);

/// <summary>Neighbouring pieces that may be a digit.</summary>
/// <param name="Start">The first piece.</param>
/// <param name="End">The piece after the last.</param>
/// <param name="Size">The longer side, as a share of the height of the line's digits.</param>
/// <param name="Image">The pieces as MNIST would have them, and where they are.</param>
public sealed record LineCandidate(int Start, int End, double Size, DigitImage Image);

/// <summary>
/// A line of digits that nobody has read yet: pieces of ink from left to right, and the runs of them that may be digits. It takes a classifier to tell
/// whether two strokes are one digit or a shape is two (see <see cref="LineReading"/>).
/// </summary>
public sealed class DigitLine
{
    /// <summary>The most shapes of a digit's size that a line may have.</summary>
    public const int MaxDigits = 32;

    /// <summary>The most pieces that a line may have: digits, and what broke off them.</summary>
    internal const int MaxPieces = 4 * MaxDigits;

    /// <summary>The most pieces that one digit can be put together from.</summary>
    private const int MaxRun = 12;

    /// <summary>Width and height of the largest digit, as shares of the height of the line's digits.</summary>
    private const double Largest = 1.5;

    /// <summary>The gap in a digit, such as that before the bar of a five, as a share of the height of the line's digits.</summary>
    private const double Gap = 0.25;

    private readonly Photo _photo;
    private readonly InkPlane _plane;
    private readonly FoundLine _found;

    private DigitLine(Photo photo, InkPlane plane, FoundLine found, IReadOnlySet<int> cut)
    {
        (_photo, _plane, _found) = (photo, plane, found);
        var ink = LineFinder.Divide(found, plane.Ink, cut);
        Pieces = [.. ink.Pieces.Select(piece => new LinePiece(piece.Shape, piece.Box.Size / ink.DigitHeight, ink.IsFragment(piece.Box)))];
        Candidates =
        [
            .. from start in Enumerable.Range(0, ink.Pieces.Count)
               from end in Ends(ink, start)
               select new LineCandidate(start, end, ink.BoxOf(start, end).Size / ink.DigitHeight, ink.Render(plane, start, end, photo)),
        ];
    }

    /// <summary>From left to right.</summary>
    public IReadOnlyList<LinePiece> Pieces { get; }

    /// <summary>At least one.</summary>
    public IReadOnlyList<LineCandidate> Candidates { get; }

    /// <summary>Finds the line on one image file; every shape is one piece.</summary>
    public static bool TryFind(ReadOnlySpan<byte> file, [NotNullWhen(true)] out DigitLine? line, [NotNullWhen(false)] out ImageError? fault)
    {
        line = null;
        if (!PhotoDecoder.TryDecode(file, out var photo, out string? message))
        {
            fault = new ImageError(ImageErrorKind.Invalid, message);
            return false;
        }

        var plane = InkPlane.Extract(GreyProjection.Project(photo));
        if (!LineFinder.TryFind(plane, out var found, out fault))
        {
            return false;
        }

        line = new DigitLine(photo, plane, found, new HashSet<int>());
        return true;
    }

    /// <summary>The same line, with some shapes cut wherever digits may touch.</summary>
    public DigitLine Cut(IReadOnlySet<int> shapes) => new(_photo, _plane, _found, shapes);

    /// <summary>Where the runs end that begin at a piece.</summary>
    private static IEnumerable<int> Ends(InkLine ink, int start)
    {
        var box = ink.Pieces[start].Box;
        for (int end = start + 1; ; end++)
        {
            bool isAlone = end == start + 1;
            if (!ink.IsFragment(box) && (isAlone || (box.Width <= Largest * ink.DigitHeight && box.Height <= Largest * ink.DigitHeight)))
            {
                yield return end;
            }

            if (end == ink.Pieces.Count || end == start + MaxRun || ink.Pieces[end].Box.GapTo(box) > Gap * ink.DigitHeight)
            {
                yield break;
            }

            box = box.Union(ink.Pieces[end].Box);
        }
    }
}
