using System.Globalization;
using Mnist.Cli.Shared;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Settings;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Spectre.Console;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary>The accuracy on simulated lines of digits.</summary>
internal static class SimulatedLines
{
    /// <summary>The length with the most lines.</summary>
    public const int MainLength = 5;

    private const int MainFactor = 4;

    private static readonly bool[] Touching = [false, true];

    /// <summary>Simulates photos of lines and reads them as the service does.</summary>
    /// <param name="weights">The weights file.</param>
    /// <param name="digits">The digits on the lines.</param>
    /// <param name="lengths">Digits per line. Lengths above the number of digits are skipped.</param>
    /// <param name="count">The most lines of each length; of <see cref="MainLength"/>, four times as many.</param>
    /// <param name="seed">Seed of the simulation.</param>
    /// <param name="misreadFolder">Receives the lines that are not read correctly, as JPEG files; null: none are written.</param>
    /// <param name="progress">Called with the fraction done, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels between two lengths.</param>
    /// <returns>The results for lines without touching digits, then for lines with two touching digits.</returns>
    /// <exception cref="InvalidDataException">The network fails the self-test of the service.</exception>
    public static async Task<IReadOnlyList<LineResult>> MeasureAsync(
        string weights, DigitDataset digits, IReadOnlyList<int> lengths, int count, int seed, string? misreadFolder, Action<double> progress, CancellationToken cancellationToken)
    {
        var options = new MnistOptions { WeightsPath = weights };
        using var metrics = new ServerMetrics();
        var batcher = new DynamicBatcher(options, NetworkModel.Load(options), metrics);
        using var photos = new PhotoLimiter(options);
        var reader = new NumberReader(photos, batcher, metrics);
        (bool Touching, int Length)[] kinds = [.. from touching in Touching
                                                  from length in lengths
                                                  where length <= digits.Count && (!touching || length > 1)
                                                  select (touching, length)];
        List<LineResult> results = [];
        foreach (var (touching, length) in kinds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answers = await LineEvaluation.RunAsync(reader, digits, length, touching, length == MainLength ? MainFactor * count : count, seed);
            results.Add(LineEvaluation.Sum(answers, touching));
            if (misreadFolder is not null)
            {
                WriteMisread(answers, misreadFolder, touching);
            }

            progress(results.Count / (double)kinds.Length);
        }

        await batcher.StopAsync();
        return results;
    }

    public static void Write(IReadOnlyList<LineResult> results, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddRightAlignedColumns("digits per line", "touching", "lines", "correct", "correct number of digits", "rejected");
        foreach (var result in results)
        {
            table.AddRow(
                Count(result.Length), result.Touching ? "two" : "none", Count(result.Lines), ReportTable.Percent(result.ExactShare),
                ReportTable.Percent(result.Counted / (double)result.Lines), ReportTable.Percent(result.Rejected / (double)result.Lines));
        }

        console.Write(table);
    }

    private static void WriteMisread(IReadOnlyList<LineAnswer> answers, string folder, bool touching)
    {
        Directory.CreateDirectory(folder);
        foreach (var (index, answer) in answers.Index().Where(answer => !answer.Item.IsExact))
        {
            string read = answer.Read?.Text ?? $"{answer.Error}";
            File.WriteAllBytes(Path.Combine(folder, $"{(touching ? "touching" : "apart")}-{answer.Photo.Text}-as-{read}-{index}.jpg"), answer.Photo.File);
        }
    }

    private static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);
}
