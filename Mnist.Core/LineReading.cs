using Mnist.Core.Imaging.Lines;
using Mnist.Core.Models;

namespace Mnist.Core;

/// <summary>
/// Decides which pieces of a line are its digits: of all ways to divide the line, the one whose digits are the most probable together, found by dynamic
/// programming over the pieces (Viterbi). A run of pieces counts by the probability of its class, the probability that it is a digit at all, and its size.
/// </summary>
public sealed class LineReading
{
    /// <summary>Digits touch so seldom that a cut must be worth this much, as a logarithm of probability.</summary>
    private const double CutPrice = 2.5;

    /// <summary>What it costs to leave a fragment out, as a logarithm of probability, for each height of a digit that it is long.</summary>
    private const double FragmentPrice = 4;

    /// <summary>The weight of the score that tells digits from other images.</summary>
    private const double DigitWeight = 0.5;

    /// <summary>Digits of a line are about as large as each other: the standard deviation of the logarithm of their size over the line's.</summary>
    private const double SizeDeviation = 0.2;

    /// <summary>What is worth less, whatever its size, may be two digits that touch.</summary>
    private const double Doubt = -0.2;

    private readonly DigitLine _line;
    private readonly Predictions _predictions;

    /// <param name="line">The line.</param>
    /// <param name="predictions">What the network says of its candidates.</param>
    public LineReading(DigitLine line, Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(predictions);
        (_line, _predictions) = (line, predictions);
        Digits = Choose();
    }

    /// <summary>The indexes of the candidates that are the line's digits, from left to right.</summary>
    public IReadOnlyList<int> Digits { get; }

    /// <summary>The shapes that are no digit for sure.</summary>
    public IReadOnlySet<int> Doubtful => Digits.Where(digit => ValueOf(digit) < Doubt)
        .SelectMany(digit => _line.Pieces.Take(_line.Candidates[digit].Start.._line.Candidates[digit].End))
        .Where(piece => !piece.IsFragment).Select(piece => piece.Shape).ToHashSet();

    private List<int> Choose()
    {
        // best[p]: the most that the pieces before p are worth, and the candidate that ends there; -1 where a fragment was left out.
        var best = new (double Value, int Candidate)[_line.Pieces.Count + 1];
        Array.Fill(best, (double.NegativeInfinity, -1), 1, _line.Pieces.Count);
        var byEnd = _line.Candidates.Index().ToLookup(candidate => candidate.Item.End);
        for (int end = 1; end < best.Length; end++)
        {
            var piece = _line.Pieces[end - 1];
            if (piece.IsFragment)
            {
                best[end] = (best[end - 1].Value - (FragmentPrice * piece.Size), -1);
            }

            foreach (var (index, candidate) in byEnd[end])
            {
                double value = best[candidate.Start].Value + ValueOf(index) - SizePrice(candidate.Size) - (IsCut(candidate.Start) ? CutPrice : 0);
                if (value > best[end].Value)
                {
                    best[end] = (value, index);
                }
            }
        }

        List<int> chosen = [];
        for (int end = _line.Pieces.Count; end > 0;)
        {
            int candidate = best[end].Candidate;
            if (candidate >= 0)
            {
                chosen.Insert(0, candidate);
            }

            end = candidate >= 0 ? _line.Candidates[candidate].Start : end - 1;
        }

        return chosen;
    }

    private bool IsCut(int piece) => piece > 0 && _line.Pieces[piece - 1].Shape == _line.Pieces[piece].Shape;

    /// <summary>What a size costs: the logarithm of a normal distribution's density at the line's size over that at this one.</summary>
    private static double SizePrice(double size) => Math.Pow(Math.Log(size) / SizeDeviation, 2) / 2;

    private double ValueOf(int candidate)
    {
        double isDigit = _predictions.OodResults is { } judgements ? -Math.Log(1 + Math.Exp(-judgements[candidate].Score)) : 0;
        return Math.Log(Math.Max(_predictions[candidate].Probability, float.Epsilon)) + (DigitWeight * isDigit);
    }
}
