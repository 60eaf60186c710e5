using System.Diagnostics.CodeAnalysis;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>A piece of ink of a line: a whole shape, or a part of one that was cut.</summary>
/// <param name="Shape">The label of its shape; pieces of one shape share it.</param>
/// <param name="Size">The longer side, as a share of the height of the line's digits.</param>
/// <param name="IsFragment">Whether it is too small to be a digit: it is a part of one, or dirt.</param>
public readonly record struct LinePiece(int Shape, double Size, bool IsFragment);

/// <summary>Neighbouring pieces that may form a digit.</summary>
/// <param name="Start">The index of the first piece.</param>
/// <param name="End">The index after the last piece.</param>
/// <param name="Size">The longer side, as a share of the height of the line's digits.</param>
/// <param name="Image">The pieces as a 28x28 image, preprocessed like MNIST, and their box on the photo.</param>
public sealed record LineCandidate(int Start, int End, double Size, DigitImage Image);

/// <summary>
/// A line of digits on a photo, before classification: pieces of ink from left to right, and the runs of pieces that may be digits. Only a classifier can
/// decide whether two strokes form one digit, or one shape consists of two.
/// </summary>
public sealed class DigitLine
{
    /// <summary>The largest number of shapes of a digit's size on a line.</summary>
    public const int MaxDigits = 32;

    /// <summary>The largest number of pieces on a line: digits and their fragments.</summary>
    internal const int MaxPieces = 4 * MaxDigits;

    /// <summary>The largest number of pieces in one candidate.</summary>
    private const int MaxRun = 12;

    /// <summary>The largest width and height of a candidate of several pieces, as shares of the height of the line's digits.</summary>
    private const double Largest = 1.5;

    /// <summary>The largest gap within a digit, such as that before the bar of a five, as a share of the height of the line's digits.</summary>
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

    /// <summary>The pieces, from left to right.</summary>
    public IReadOnlyList<LinePiece> Pieces { get; }

    /// <summary>The candidates, by start and then by end; at least one.</summary>
    public IReadOnlyList<LineCandidate> Candidates { get; }

    /// <summary>Finds the line on one photo; every shape is one piece.</summary>
    /// <param name="file">A PNG, JPEG, BMP, GIF or WebP file of at most 12 megapixels; any other bytes give an error.</param>
    /// <param name="line">The line.</param>
    /// <param name="error">Why the photo was rejected.</param>
    public static bool TryFind(ReadOnlySpan<byte> file, [NotNullWhen(true)] out DigitLine? line, [NotNullWhen(false)] out ImageError? error)
    {
        line = null;
        if (!PhotoDecoder.TryDecode(file, out var photo, out error))
        {
            return false;
        }

        var plane = InkPlane.Extract(GreyProjection.Project(photo));
        if (!LineFinder.TryFind(plane, out var found, out error))
        {
            return false;
        }

        line = new DigitLine(photo, plane, found, new HashSet<int>());
        return true;
    }

    /// <summary>Cuts shapes wherever digits may touch; the rest of the line stays the same.</summary>
    /// <param name="shapes">The labels of the shapes (see <see cref="LinePiece.Shape"/>).</param>
    public DigitLine Cut(IReadOnlySet<int> shapes) => new(_photo, _plane, _found, shapes);

    /// <summary>The end indices of the candidates that begin at a piece.</summary>
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
