using System.CommandLine;
using System.Diagnostics;
using Mnist.Cli.Shared;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands.Evaluate;

/// <summary><c>mnist evaluate</c>: measures the accuracy of a network in this process, or of a service.</summary>
internal static class EvaluateCommand
{
    private const string Test = "test";
    private const string Train = "train";
    private const string Validation = "validation";

    /// <summary>Digits per call of the client: enough requests to keep a server busy, few enough to report progress.</summary>
    private const int DigitsPerCall = 512;

    private const int CorruptionSeed = 1;

    public static Command Create()
    {
        var weights = WeightsOption.Create();
        var server = ServerOption.Create();
        server.Description = "Evaluate the service at this address instead of a network in this process.";
        server.DefaultValueFactory = null;
        var apiKey = ApiKeyOption.Create();
        var set = new Option<string>("--set")
        {
            Description = "The part of MNIST: test (10,000 digits), train (60,000) or validation (the last 10,000 of train).",
            DefaultValueFactory = _ => Test,
        };
        set.AcceptOnlyFromAmong(Test, Train, Validation);
        var data = DataOption.Create();
        var images = new Option<string?>("--images") { Description = "Evaluate these images instead of MNIST: an idx3-ubyte file, plain or .gz.", HelpName = "IDX" };
        var labels = new Option<string?>("--labels") { Description = "The labels of --images: an idx1-ubyte file, plain or .gz.", HelpName = "IDX" };
        var corruptions = new Option<bool>("--corruptions")
        {
            Description = "Also measure the accuracy on corrupted digits: shifted, rotated, scaled, thinned, thickened, noisy, blurred, with low contrast.",
        };
        var plan = new Option<bool>("--plan") { Description = "Also print the engine's algorithm and cost for each layer." };
        var simulations = new SimulationOptions();
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the report." };
        var command = new Command(
            "evaluate",
            """
            Classifies labelled digits in this process, or through a service (--server), and prints accuracy, calibration, confusion matrix and errors.

            Examples:
              mnist evaluate                                         the shipped model on the 10,000 test digits
              mnist evaluate --weights mine.safetensors --set validation --corruptions
              mnist evaluate --simulated-photos --simulated-lines    also the accuracy on simulated photos, and on lines of digits
              mnist evaluate --server http://127.0.0.1:8000          a service
              mnist evaluate --images mine-idx3-ubyte.gz --labels mine-idx1-ubyte.gz --json

            Exit code: 0 evaluated, 1 a file cannot be used, 2 service or download unavailable, 64 wrong usage, 130 interrupted.
            """)
        {
            weights, server, apiKey, set, data, images, labels, corruptions, plan, json,
        };
        simulations.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.IsGiven(weights) && result.IsGiven(server))
            {
                result.AddError("--weights and --server exclude each other.");
            }
            else if (result.IsGiven(server) && (result.IsGiven(corruptions) || result.IsGiven(plan) || simulations.IsGiven(result)))
            {
                result.AddError("--corruptions, --plan, --simulated-photos and --simulated-lines need a network in this process: use --weights instead of --server.");
            }
            else if (result.IsGiven(images) != result.IsGiven(labels))
            {
                result.AddError("--images and --labels require each other.");
            }
            else if (result.IsGiven(images) && (result.IsGiven(set) || result.IsGiven(data)))
            {
                result.AddError("--images and --labels replace MNIST: omit --set and --data.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            string chosen = parsed.GetRequiredValue(set);
            var digits = parsed.GetValue(images) is { } imagesPath
                ? DigitDataset.Load(imagesPath, parsed.GetRequiredValue(labels)!)
                : await LoadMnistAsync(chosen, parsed.GetRequiredValue(data), error, cancellationToken);
            if (digits.Count == 0)
            {
                throw new CommandException(ExitCode.Failure, $"'{parsed.GetValue(images)}' has no images.");
            }

            string file = parsed.GetRequiredValue(weights);
            var network = parsed.GetValue(server) is null ? WeightsOption.Load(file) : null;
            var clock = Stopwatch.StartNew();
            var answer = network is null ? null : await ClassifyAsync(network, digits, error);
            float[] probabilities = answer?.Probabilities() ?? await ClassifyAsync(parsed.GetValue(server)!, parsed.GetValue(apiKey), digits, error, cancellationToken);
            var elapsed = clock.Elapsed;
            var report = new EvaluationReport(
                network is null ? $"{parsed.GetValue(server)}" : $"{file} (SHA-256 {network.Sha256})",
                parsed.GetValue(images) ?? $"MNIST {chosen} set",
                EvaluationResult.FromProbabilities(digits.Labels, probabilities),
                parsed.GetValue(images) is null && chosen == Test,
                elapsed,
                network is null ? null : CascadeCost.Of(network, answer!, digits.Count),
                network is not null && parsed.GetValue(corruptions) ? await CorruptAsync(network, digits, error, cancellationToken) : null,
                network is null ? null : await simulations.MeasurePhotosAsync(parsed, network, digits, cancellationToken),
                await simulations.MeasureLinesAsync(parsed, file, digits, cancellationToken),
                parsed.GetValue(plan) ? network?.Plans : null);
            if (parsed.GetValue(json))
            {
                report.WriteJson(parsed.InvocationConfiguration.Output);
            }
            else
            {
                report.WriteTable(parsed.InvocationConfiguration.Output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task<DigitDataset> LoadMnistAsync(string set, string folder, TextWriter error, CancellationToken cancellationToken)
    {
        MnistFile[] files = set == Test ? [MnistFile.TestImages, MnistFile.TestLabels] : [MnistFile.TrainImages, MnistFile.TrainLabels];
        await DataOption.DownloadAsync(folder, files, error, cancellationToken);
        return set switch
        {
            Test => MnistFile.LoadTest(folder),
            Train => MnistFile.LoadTrain(folder),
            _ => MnistFile.LoadValidation(folder),
        };
    }

    private static Task<BatchAnswer> ClassifyAsync(Network network, DigitDataset digits, TextWriter error) =>
        Terminal.WithProgressAsync(error, "classifying", report =>
        {
            int done = 0;
            return Task.Run(() => BatchClassifier.Classify(network, digits, count => report(Interlocked.Add(ref done, count) / (double)digits.Count)));
        });

    private static Task<CorruptionResult[]> CorruptAsync(Network network, DigitDataset digits, TextWriter error, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync(error, "corrupting", report => Task.Run(() => Corruption.All.Select((corruption, done) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            report(done / (double)Corruption.All.Count);
            return corruption.Measure(network, digits, CorruptionSeed);
        }).ToArray()));

    private static async Task<float[]> ClassifyAsync(Uri server, string? apiKey, DigitDataset digits, TextWriter error, CancellationToken cancellationToken)
    {
        await using var connection = new ServiceConnection(server, apiKey);
        byte[][] images = [.. Enumerable.Range(0, digits.Count).Select(i => DigitPng.Encode(digits.Image(i)))];
        List<float> probabilities = [];
        return await Terminal.WithProgressAsync(error, "classifying", async report =>
        {
            foreach (byte[][] chunk in images.Chunk(DigitsPerCall))
            {
                var answers = await connection.Client.ClassifyAsync(chunk, probabilities: true, cancellationToken);
                probabilities.AddRange(answers.SelectMany(answer => answer.Probabilities!).Select(probability => (float)probability));
                report(probabilities.Count / (double)(digits.Count * DigitImage.ClassCount));
            }

            return probabilities.ToArray();
        });
    }
}
