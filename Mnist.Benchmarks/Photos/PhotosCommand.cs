using System.CommandLine;
using System.Globalization;
using Mnist.Benchmarks.Measuring;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Benchmarks.Photos;

/// <summary><c>photos</c>: how well digits are read from simulated pictures of them.</summary>
internal static class PhotosCommand
{
    private const int Seed = 1;

    public static Command Create()
    {
        var digits = PositiveOption.Create("--digits", 1000, "How many digits go through each simulation: every n-th of the set.");
        var validation = new Option<bool>("--validation")
        {
            Description = $"Take the last 10,000 training digits instead of the test digits, from the folder named by MNIST_DATA. For everything that is chosen.",
        };
        var sheet = new Option<string?>("--sheet") { Description = "Write pictures and previews as one PNG, wrong answers first.", HelpName = "FILE" };
        var command = new Command("photos", "Simulates pictures of digits, normalizes them as the service does and reports how many are read right.")
        {
            digits, validation, sheet,
        };
        command.SetAction(parsed =>
        {
            var set = parsed.GetValue(validation)
                ? MnistFile.LoadTrain(MnistDownload.DefaultFolder).Split(MnistFile.ValidationCount).Validation
                : MnistFile.LoadTest(RepositoryFiles.Data);
            var sample = Sample(set, parsed.GetValue(digits));
            var results = Report(Network.Load(RepositoryFiles.Weights), sample, parsed.InvocationConfiguration.Output);
            if (parsed.GetValue(sheet) is { } path)
            {
                File.WriteAllBytes(path, ContactSheet.Draw(results));
            }
        });
        return command;
    }

    private static List<PhotoResult> Report(Network network, DigitDataset digits, TextWriter output)
    {
        double clean = EvaluationResult.FromProbabilities(digits.Labels, BatchClassifier.Classify(network, digits).Probabilities()).Accuracy;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{digits.Count} digits, {100 * clean:0.00} % of which are read right as they are"));
        List<PhotoResult> results = [];
        var table = new TextTable("simulation", "accuracy", "of clean", "refused");
        foreach (var simulation in PhotoSimulation.All)
        {
            var result = PhotoEvaluation.Run(simulation, network, digits, Seed);
            results.Add(result);
            table.Add(result.Name, Percent(result.Accuracy), Percent(result.Accuracy / clean), Percent(result.Refused));
        }

        double mean = results.Average(result => result.Accuracy);
        table.Add("mean", Percent(mean), Percent(mean / clean), Percent(results.Average(result => result.Refused)));
        table.Write(output);

        output.WriteLine();
        var refusals = new TextTable("to be refused", "as it should be");
        foreach (var (simulation, kind) in PhotoSimulation.Blank.Select(blank => (blank, ImageFaultKind.Blank)).Append((PhotoSimulation.Two, ImageFaultKind.SeveralDigits)))
        {
            var result = PhotoEvaluation.Run(simulation, network, digits, Seed);
            results.Add(result);
            refusals.Add(result.Name, Percent(result.Share(kind)));
        }

        refusals.Write(output);
        return results;
    }

    private static DigitDataset Sample(DigitDataset digits, int count)
    {
        int[] chosen = [.. Enumerable.Range(0, Math.Min(count, digits.Count)).Select(i => (int)((long)i * digits.Count / Math.Min(count, digits.Count)))];
        return new DigitDataset([.. chosen.SelectMany(i => digits.Image(i).ToArray())], [.. chosen.Select(i => digits.Labels[i])]);
    }

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
