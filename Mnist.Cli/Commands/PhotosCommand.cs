using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;
using Mnist.Training.Reports;
using Mnist.Training.Synthesis.Photos;

namespace Mnist.Cli.Commands;

/// <summary><c>photos</c>: how well digits are read from simulated pictures of them.</summary>
internal static class PhotosCommand
{
    /// <summary>One digit of so many also goes onto a picture that must be refused.</summary>
    private const int RefusedEvery = 14;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Command Create()
    {
        var digits = PositiveOption.Create("--digits", 10_000, "How many digits are photographed, each once: the simulations take turns.");
        var validation = new Option<bool>("--validation")
        {
            Description = "Take the last 10,000 training digits instead of the test digits, from the folder named by MNIST_DATA. For everything that is chosen.",
        };
        var seed = PositiveOption.Create("--seed", 1, "Decides what chance does.");
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var sheet = new Option<string?>("--sheet") { Description = "Write pictures and previews as one PNG, wrong answers first.", HelpName = "FILE" };
        var command = new Command("photos", "Simulates pictures of digits, normalizes them as the service does and reports how many are read right.")
        {
            digits, validation, seed, json, sheet,
        };
        command.SetAction(parsed =>
        {
            var set = parsed.GetValue(validation)
                ? MnistFile.LoadValidation(MnistDownload.DefaultFolder)
                : MnistFile.LoadTest("Mnist.Tests/Data");
            var network = Network.Load("weights/mnist.safetensors");
            int count = Math.Min(parsed.GetValue(digits), set.Count);
            int chance = parsed.GetValue(seed);
            var read = Run(PhotoSimulation.All, network, EveryNth(set, 0, (double)set.Count / count), chance);
            var refused = Run(PhotoSimulation.ToReject, network, EveryNth(set, 0, (double)set.Count * RefusedEvery / count), chance);
            Write(read, refused, parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(json) is { } jsonPath)
            {
                File.WriteAllText(jsonPath, ToJson(network, read, refused));
            }

            if (parsed.GetValue(sheet) is { } sheetPath)
            {
                File.WriteAllBytes(sheetPath, ContactSheet.Draw([.. read, .. refused]));
            }
        });
        return command;
    }

    /// <summary>The simulations take turns at the digits.</summary>
    private static PhotoResult[] Run(IReadOnlyList<PhotoSimulation> simulations, Network network, DigitDataset digits, int seed) =>
        [.. simulations.Select((simulation, turn) => PhotoEvaluation.Run(simulation, network, EveryNth(digits, turn, simulations.Count), seed))];

    private static void Write(PhotoResult[] read, PhotoResult[] refused, TextWriter output)
    {
        var table = new TextTable("simulation", "digits", "clean", "accuracy", "of clean", "refused");
        foreach (var result in read.Append(PhotoResult.Total(read)))
        {
            table.Add(
                result.Name, result.Digits.ToString(CultureInfo.InvariantCulture), Percent(result.CleanAccuracy), Percent(result.Accuracy),
                Percent(result.Accuracy / result.CleanAccuracy), Percent(result.RejectedShare));
        }

        table.Write(output);
        output.WriteLine();
        var refusals = new TextTable("to be refused", "pictures", "refused", "taken for a digit", "refused as what");
        foreach (var result in refused)
        {
            string kinds = string.Join(", ", result.Rejected.OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Value} {kind.Key}"));
            refusals.Add(result.Name, result.Digits.ToString(CultureInfo.InvariantCulture), Percent(result.RejectedShare), result.TakenForDigits.ToString(CultureInfo.InvariantCulture), kinds);
        }

        refusals.Write(output);
    }

    private static string ToJson(Network network, PhotoResult[] read, PhotoResult[] refused) => new JsonObject
    {
        ["network"] = network.Sha256,
        ["all"] = PhotoResult.Total(read).ToJson(),
        ["simulations"] = new JsonArray([.. read.Select(result => result.ToJson())]),
        ["toRefuse"] = new JsonArray([.. refused.Select(result => result.ToJson())]),
    }.ToJsonString(Json) + "\n";

    private static DigitDataset EveryNth(DigitDataset digits, int first, double step) =>
        digits.Select([.. Enumerable.Range(0, digits.Count).Select(i => (int)Math.Round(first + (i * step))).TakeWhile(i => i < digits.Count)]);

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
