using Mnist.Core.Imaging.Lines;
using Mnist.Core.Models;

namespace Mnist.Core;

/// <summary>
/// Decides which pieces of a line are its digits: the most probable of all divisions of the line into digits, found by dynamic programming over the pieces
/// (Viterbi). A run of pieces is scored by the probability of its class, the probability that it is a digit at all, and its size.
/// </summary>
public sealed class LineReading
{
    /// <summary>Penalty of a cut through a shape, as a logarithm of probability: digits seldom touch.</summary>
    private const double CutPenalty = 2.5;

    /// <summary>Penalty of leaving a fragment out, as a logarithm of probability, times its length in heights of a digit.</summary>
    private const double FragmentPenalty = 4;

    /// <summary>Weight of the log-probability that a run is a digit at all.</summary>
    private const double DigitWeight = 0.5;

    /// <summary>Standard deviation of the logarithm of a digit's size relative to its line's: digits of a line are about equally large.</summary>
    private const double SizeDeviation = 0.2;

    /// <summary>A run with a lower score, its size aside, may be two touching digits.</summary>
    private const double DoubtThreshold = -0.2;

    private readonly DigitLine _line;
    private readonly Predictions _predictions;

    /// <param name="line">The line.</param>
    /// <param name="predictions">The predictions for its candidates.</param>
    public LineReading(DigitLine line, Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(predictions);
        (_line, _predictions) = (line, predictions);
        Digits = Choose();
    }

    /// <summary>The indexes of the candidates that are the line's digits, from left to right.</summary>
    public IReadOnlyList<int> Digits { get; }

    /// <summary>The low-confidence shapes, which may be touching digits.</summary>
    public IReadOnlySet<int> Doubtful => Digits.Where(digit => ScoreOf(digit) < DoubtThreshold)
        .SelectMany(digit => _line.Pieces.Take(_line.Candidates[digit].Start.._line.Candidates[digit].End))
        .Where(piece => !piece.IsFragment).Select(piece => piece.Shape).ToHashSet();

    private List<int> Choose()
    {
        // best[p]: the highest score of the pieces before p, and the candidate that ends there; -1 where a fragment is left out.
        var best = new (double Score, int Candidate)[_line.Pieces.Count + 1];
        Array.Fill(best, (double.NegativeInfinity, -1), 1, _line.Pieces.Count);
        var byEnd = _line.Candidates.Index().ToLookup(candidate => candidate.Item.End);
        for (int end = 1; end < best.Length; end++)
        {
            var piece = _line.Pieces[end - 1];
            if (piece.IsFragment)
            {
                best[end] = (best[end - 1].Score - (FragmentPenalty * piece.Size), -1);
            }

            foreach (var (index, candidate) in byEnd[end])
            {
                double score = best[candidate.Start].Score + ScoreOf(index) - SizePenalty(candidate.Size) - (IsCut(candidate.Start) ? CutPenalty : 0);
                if (score > best[end].Score)
                {
                    best[end] = (score, index);
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

    /// <summary>Log-density of a normal distribution at the line's size, less that at this size.</summary>
    private static double SizePenalty(double size) => Math.Pow(Math.Log(size) / SizeDeviation, 2) / 2;

    private double ScoreOf(int candidate)
    {
        double isDigit = _predictions.OodResults is { } results ? -Math.Log(1 + Math.Exp(-results[candidate].Score)) : 0;
        return Math.Log(Math.Max(_predictions[candidate].Probability, float.Epsilon)) + (DigitWeight * isDigit);
    }
}
