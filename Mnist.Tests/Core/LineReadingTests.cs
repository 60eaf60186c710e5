using Mnist.Core;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Models;
using Mnist.Inference.Model;
using SkiaSharp;

namespace Mnist.Tests.Core;

/// <summary>How a line is divided, against trying every division.</summary>
public sealed class LineReadingTests
{
    /// <summary>Strokes so close that any neighbours may be one digit, and one that is too small to be one.</summary>
    private static readonly DigitLine Line = Find(
        new SKRectI(100, 100, 108, 160), new SKRectI(118, 100, 126, 160), new SKRectI(134, 150, 142, 160), new SKRectI(150, 100, 158, 160), new SKRectI(168, 100, 176, 160));

    [Test]
    public void Digits_OfRandomPredictions_AreTheDivisionWorthMost([Range(1, 40)] int seed)
    {
        var predictions = Predict(Line, new Random(seed));
        var divisions = Divide(Line, 0).ToList();
        var best = divisions.MaxBy(division => division.Sum(step => Worth(Line, predictions, step)))!;

        Assert.That(divisions, Has.Count.GreaterThan(5));
        Assert.That(new LineReading(Line, predictions).Digits, Is.EqualTo(best.Where(step => step.Candidate >= 0).Select(step => step.Candidate)));
    }

    [Test]
    public void Digits_WithoutOodScores_GoByTheProbabilitiesAlone()
    {
        // Whatever is one piece is sure.
        float[] probabilities = [.. Line.Candidates.SelectMany(candidate => Row(candidate.End - candidate.Start == 1 ? 1 : 0.5f))];
        var reading = new LineReading(Line, new Predictions(probabilities));

        Assert.That(reading.Digits.Select(digit => Line.Candidates[digit].End - Line.Candidates[digit].Start), Is.EqualTo(new[] { 1, 1, 1, 1 }));
        Assert.That(reading.Doubtful, Is.Empty);
    }

    [Test]
    public void Digits_StrokeHalfAsHighAsTheLine_IsAPartOfItsNeighbour()
    {
        // Even where it would make a surer digit of its own: a one.
        var line = Find(new SKRectI(100, 100, 108, 160), new SKRectI(200, 100, 208, 160), new SKRectI(300, 100, 308, 160), new SKRectI(314, 130, 322, 160));
        var reading = new LineReading(line, new Predictions([.. line.Candidates.SelectMany(candidate => Row(candidate.End - candidate.Start == 1 ? 0.99f : 0.8f))]));

        Assert.That(line.Pieces.Select(piece => piece.IsFragment), Is.All.False);
        Assert.That(reading.Digits.Select(digit => (line.Candidates[digit].Start, line.Candidates[digit].End)), Is.EqualTo(new[] { (0, 1), (1, 2), (2, 4) }));
    }

    [Test]
    public void Doubtful_AreTheLowConfidenceShapes()
    {
        var predictions = new Predictions(
            [.. Line.Candidates.SelectMany(candidate => Row(candidate.End - candidate.Start > 1 ? 0.11f : candidate.Start == 0 ? 0.3f : 1))]);

        Assert.That(new LineReading(Line, predictions).Doubtful, Is.EqualTo(new[] { Line.Pieces[0].Shape }));
    }

    private static double Worth(DigitLine line, Predictions predictions, (int Candidate, int End) step)
    {
        if (step.Candidate < 0)
        {
            return -4 * line.Pieces[step.End - 1].Size;
        }

        double odds = Math.Exp(predictions.OodResults![step.Candidate].Score);
        double deviations = Math.Log(line.Candidates[step.Candidate].Size) / 0.2;
        return Math.Log(predictions[step.Candidate].Probability) + (0.5 * Math.Log(odds / (1 + odds))) - (deviations * deviations / 2);
    }

    /// <summary>Every way to use the pieces from one on: each step is a candidate, or -1 for a fragment that is left out, and where it ends.</summary>
    private static IEnumerable<List<(int Candidate, int End)>> Divide(DigitLine line, int start)
    {
        if (start == line.Pieces.Count)
        {
            return [[]];
        }

        var steps = line.Candidates.Index().Where(candidate => candidate.Item.Start == start).Select(candidate => (Candidate: candidate.Index, candidate.Item.End));
        return steps.Concat(line.Pieces[start].IsFragment ? [(-1, start + 1)] : [])
            .SelectMany(step => Divide(line, step.Item2).Select(rest => rest.Prepend(step).ToList()));
    }

    private static Predictions Predict(DigitLine line, Random random) => new(
        [.. line.Candidates.SelectMany(_ => Row(0.2f + (0.8f * random.NextSingle())))],
        [.. line.Candidates.Select(_ => new OodResult(OodDecision.Digit, (10 * random.NextDouble()) - 5))]);

    private static float[] Row(float probability) => [probability, .. Enumerable.Repeat((1 - probability) / 9, 9)];

    private static DigitLine Find(params SKRectI[] strokes)
    {
        Assert.That(DigitLine.TryFind(TestPhotos.Draw(strokes), out var line, out var fault), fault?.Message);
        return line!;
    }
}
