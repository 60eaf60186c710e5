using Mnist.Core;
using Mnist.Core.Imaging;
using Mnist.Core.Requests;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;
using Mnist.Training.Synthesis.Lines;

namespace Mnist.Training.Evaluation;

/// <summary>A simulated photo of a line and the answer to it.</summary>
/// <param name="Photo">The photo and the digits on it.</param>
/// <param name="Read">The answer; null if the photo was rejected.</param>
/// <param name="Error">Why the photo was rejected; null if it was not.</param>
internal sealed record LineAnswer(LinePhoto Photo, ReadResponseItem? Read, ImageErrorKind? Error)
{
    /// <summary>Whether every digit was read right.</summary>
    public bool IsExact => Read?.Text == Photo.Text;

    /// <summary>Whether the right number of digits was read.</summary>
    public bool IsCounted => Read?.Text.Length == Photo.Text.Length;
}

/// <summary>The result for lines of one length.</summary>
/// <param name="Length">Digits per line.</param>
/// <param name="Touching">Whether one pair of neighbours in each line touches.</param>
/// <param name="Lines">Number of lines.</param>
/// <param name="Counted">Number of lines read with the right number of digits.</param>
/// <param name="Exact">Number of lines read without an error.</param>
/// <param name="Rejected">Number of rejected lines.</param>
internal sealed record LineResult(int Length, bool Touching, int Lines, int Counted, int Exact, int Rejected)
{
    /// <summary>Share of lines read without an error, 0 to 1.</summary>
    public double ExactShare => Exact / (double)Lines;
}

/// <summary>Reads simulated lines of digits as the service does.</summary>
internal static class LineEvaluation
{
    /// <summary>So long that no line times out on a busy machine.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    /// <summary>Shuffles the digits of a set and reads them as lines of one length; each digit is used at most once.</summary>
    /// <param name="reader">The reader to evaluate.</param>
    /// <param name="digits">The digits.</param>
    /// <param name="length">Digits per line.</param>
    /// <param name="touching">Whether one pair of neighbours in each line touches.</param>
    /// <param name="most">The largest number of lines.</param>
    /// <param name="seed">Seed of order and simulation.</param>
    public static async Task<IReadOnlyList<LineAnswer>> RunAsync(NumberReader reader, DigitDataset digits, int length, bool touching, int most, int seed)
    {
        int[] order = [.. Enumerable.Range(0, digits.Count)];
        new Random(seed).Shuffle(order);
        var answers = new LineAnswer[Math.Min(most, digits.Count / length)];
        await Parallel.ForAsync(0, answers.Length, async (i, cancellationToken) =>
        {
            var line = digits.Select(order[(i * length)..((i + 1) * length)]);
            answers[i] = await ReadAsync(reader, LineComposer.Photograph(line, touching, new Random(RandomNumbers.Seed(seed, length, i))), cancellationToken);
        });
        return answers;
    }

    /// <summary>Counts the answers.</summary>
    public static LineResult Sum(IReadOnlyList<LineAnswer> answers, bool touching) => new(
        answers[0].Photo.Text.Length, touching, answers.Count, answers.Count(answer => answer.IsCounted), answers.Count(answer => answer.IsExact),
        answers.Count(answer => answer.Error is not null));

    private static async Task<LineAnswer> ReadAsync(NumberReader reader, LinePhoto photo, CancellationToken cancellationToken)
    {
        var request = new ImageRequest(RequestKind.Lines, [photo.File], Deadline.After(Timeout), new ValidationErrors());
        var result = await reader.ReadAsync(request, cancellationToken);
        return result.TryGetAnswer(out var answer, out var errors)
            ? new LineAnswer(photo, answer.Response.Responses.Single(), null)
            : new LineAnswer(photo, null, errors.ImageErrorKind);
    }
}
