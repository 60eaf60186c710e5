using System.CommandLine;
using System.Globalization;
using Mnist.Core;
using Mnist.Core.Batching;
using Mnist.Core.Metrics;
using Mnist.Core.Models;
using Mnist.Core.Settings;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands;

/// <summary><c>lines</c>: how well lines of digits are read from simulated pictures of them.</summary>
internal static class LinesCommand
{
    /// <summary>The length of which all digits are read.</summary>
    private const int MainLength = 5;

    private static readonly bool[] Touching = [false, true];

    public static Command Create()
    {
        var lines = PositiveOption.Create("--lines", 500, $"How many lines of each length are read; of {MainLength} digits, four times as many.");
        var validation = new Option<bool>("--validation")
        {
            Description = "Take the last 10,000 training digits instead of the test digits, from the folder named by MNIST_DATA. For everything that is chosen.",
        };
        var seed = new Option<int>("--seed") { Description = "Decides which digits meet, and how chance writes and photographs them.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var lengths = new Option<int[]>("--length") { Description = "Only lines of this many digits.", HelpName = "NUMBER", DefaultValueFactory = _ => [.. Enumerable.Range(1, 10)] };
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var wrong = new Option<string?>("--wrong") { Description = "Write the lines that were not read exactly into this folder, named by what is on them and what was read.", HelpName = "DIR" };
        var command = new Command("lines", "Simulates pictures of lines of 1 to 10 digits, reads them as the service does and reports how many are read without any fault.")
        {
            lines, validation, seed, lengths, json, wrong,
        };
        command.SetAction(async (parsed, _) =>
        {
            var set = parsed.GetValue(validation)
                ? MnistFile.LoadValidation(MnistDownload.DefaultFolder)
                : MnistFile.LoadTest("Mnist.Tests/Data");
            var options = new MnistOptions { WeightsPath = "weights/mnist.safetensors" };
            using var metrics = new ServerMetrics();
            var model = NetworkModel.Load(options);
            var batcher = new DynamicBatcher(options, model, metrics);
            using var photos = new PhotoLimiter(options);
            var reader = new NumberReader(photos, batcher, metrics);
            var table = new TextTable("digits", "touching", "lines", "exact", "right number", "refused");
            List<LineResult> results = [];
            foreach (var (touching, length) in from touching in Touching from length in parsed.GetValue(lengths)! where !touching || length > 1 select (touching, length))
            {
                var answers = await LineEvaluation.RunAsync(reader, set, length, touching, parsed.GetValue(lines) * (length == MainLength ? 4 : 1), parsed.GetValue(seed));
                var result = LineEvaluation.Sum(answers, touching);
                results.Add(result);
                table.Add(
                    length.ToString(CultureInfo.InvariantCulture), touching ? "two" : "none", result.Lines.ToString(CultureInfo.InvariantCulture), Percent(result.ExactShare),
                    Percent(result.Counted / (double)result.Lines), Percent(result.Refused / (double)result.Lines));
                if (parsed.GetValue(wrong) is { } folder)
                {
                    WriteWrong(answers, folder, touching);
                }
            }

            await batcher.StopAsync();
            table.Write(parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json) is { } path)
            {
                await File.WriteAllTextAsync(path, System.Text.Json.JsonSerializer.Serialize(new { weights = model.Version, results }) + "\n", CancellationToken.None);
            }
        });
        return command;
    }

    private static void WriteWrong(IReadOnlyList<LineAnswer> answers, string folder, bool touching)
    {
        Directory.CreateDirectory(folder);
        foreach (var (index, answer) in answers.Index().Where(answer => !answer.Item.IsExact))
        {
            string read = answer.Read?.Text ?? $"{answer.Error}";
            File.WriteAllBytes(Path.Combine(folder, $"{(touching ? "touching" : "apart")}-{answer.Photo.Text}-as-{read}-{index}.jpg"), answer.Photo.File);
        }
    }

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
