using Mnist.Core;
using Mnist.Core.Contract;
using Mnist.Core.Imaging;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;
using Mnist.Training.Synthesis.Lines;

namespace Mnist.Training.Evaluation;

/// <summary>A line as it was read.</summary>
/// <param name="Picture">The picture and what is on it.</param>
/// <param name="Read">What was read; null where it was refused.</param>
/// <param name="Fault">Why it was refused.</param>
internal sealed record LineAnswer(LinePicture Picture, ReadResponseItem? Read, ImageErrorKind? Fault)
{
    public bool IsExact => Read?.Text == Picture.Text;

    /// <summary>Whether the line was divided into the right number of digits.</summary>
    public bool IsCounted => Read?.Text.Length == Picture.Text.Length;
}

/// <summary>How lines of one length are read.</summary>
/// <param name="Length">Digits of each line.</param>
/// <param name="Touching">Whether two neighbours of each line touch.</param>
/// <param name="Lines">How many there were.</param>
/// <param name="Counted">How many were divided into the right number of digits.</param>
/// <param name="Exact">How many were read without any fault.</param>
/// <param name="Refused">How many were refused.</param>
internal sealed record LineResult(int Length, bool Touching, int Lines, int Counted, int Exact, int Refused)
{
    public double ExactShare => Exact / (double)Lines;
}

/// <summary>Reads composed lines as the service does.</summary>
internal static class LineEvaluation
{
    /// <summary>However busy the machine is, every line is read.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromHours(1);

    /// <summary>Reads the digits of a set, in an order of chance, as lines of one length; what is left over is not read.</summary>
    /// <param name="reader">Reads.</param>
    /// <param name="digits">The digits.</param>
    /// <param name="length">Digits of a line.</param>
    /// <param name="touching">Whether two neighbours of each line touch.</param>
    /// <param name="most">The most lines.</param>
    /// <param name="seed">Decides what chance does.</param>
    public static async Task<IReadOnlyList<LineAnswer>> RunAsync(LineReader reader, DigitDataset digits, int length, bool touching, int most, int seed)
    {
        int[] order = [.. Enumerable.Range(0, digits.Count)];
        new Random(seed).Shuffle(order);
        var answers = new LineAnswer[Math.Min(most, digits.Count / length)];
        await Parallel.ForAsync(0, answers.Length, async (i, cancellationToken) =>
        {
            int[] chosen = order[(i * length)..((i + 1) * length)];
            var line = new DigitDataset([.. chosen.SelectMany(index => digits.Image(index).ToArray())], [.. chosen.Select(index => digits.Labels[index])]);
            answers[i] = await ReadAsync(reader, LineComposer.Photograph(line, touching, new Random(RandomNumbers.Seed(seed, length, i))), cancellationToken);
        });
        return answers;
    }

    public static LineResult Sum(IReadOnlyList<LineAnswer> answers, bool touching) => new(
        answers[0].Picture.Text.Length, touching, answers.Count, answers.Count(answer => answer.IsCounted), answers.Count(answer => answer.IsExact),
        answers.Count(answer => answer.Fault is not null));

    private static async Task<LineAnswer> ReadAsync(LineReader reader, LinePicture picture, CancellationToken cancellationToken)
    {
        var faults = new ValidationErrors();
        var answers = await reader.ReadAsync(new ClassifyRequest([new ClassifyRequestItem(picture.File)]), Timeout, faults, cancellationToken);
        return faults.Any ? new LineAnswer(picture, null, faults.ImageError) : new LineAnswer(picture, answers.Response.Responses.Single(), null);
    }
}
