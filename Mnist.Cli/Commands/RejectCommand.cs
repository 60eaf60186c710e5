using System.CommandLine;
using Mnist.Cli.Reject;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist reject</c>: teaches weights to tell digits from other images, and measures how well they do.</summary>
internal static class RejectCommand
{
    /// <summary>Seeds of the images that are judged: neither that of the training nor each other's.</summary>
    private const int ValidationSeed = 1001;

    /// <inheritdoc cref="ValidationSeed"/>
    private const int TestSeed = 2002;

    public static Command Create()
    {
        var weights = WeightsOption.Create();
        var train = new Option<string?>("--train")
        {
            Description = "Train a network that tells digits from other images, and write it with the weights into this file.",
            HelpName = "FILE",
        };
        var data = MnistData.FolderOption();
        var fashion = new Option<string>("--fashion")
        {
            Description = "The folder of Fashion-MNIST: images that training never shows. Without it, they are left out.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "/usr/share/datasets/fashion-mnist",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the report." };
        var force = new Option<bool>("--force") { Description = "Replace the file of --train if it exists." };
        var command = new Command(
            "reject",
            """
            Measures how well weights tell digits from other images, on the MNIST test set and on fresh images that are no digits: shapes, scribbles,
            letters, parts and pairs of digits, noise and patterns, and Fashion-MNIST where it is installed (Debian: dataset-fashion-mnist).

            With --train, trains a network that does it on the first 50,000 training images and such images, in minutes; fits its threshold on the
            last 10,000, so that at most 0.4 % of them are refused; and measures it on these.

            Examples:
              mnist reject                                                        how much the shipped weights refuse
              mnist reject --weights mine.safetensors --train mine-with-reject.safetensors

            Exit code: 0 measured, 1 a file cannot be used or written, 2 the data could not be downloaded, 64 wrong usage, 130 interrupted.
            """)
        {
            weights, train, data, fashion, json, force,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var console = parsed.InvocationConfiguration;
            string file = parsed.GetRequiredValue(weights);
            string folder = parsed.GetRequiredValue(data);
            string? target = parsed.GetValue(train);
            if (target is not null && File.Exists(target) && !parsed.GetValue(force))
            {
                throw new CommandException(ExitCode.Refused, $"'{target}' exists; --force replaces it.");
            }

            var network = WeightsOption.Load(file);
            await MnistData.EnsureAsync(folder, MnistFile.All, console.Error, cancellationToken);
            DigitDataset digits;
            if (target is not null)
            {
                var (training, validation) = MnistFile.LoadTrain(folder).Split(MnistFile.ValidationCount);
                network = await TrainAsync(network, training, validation, target, console.Error, cancellationToken);
                (digits, file) = (validation, target);
            }
            else
            {
                digits = MnistFile.LoadTest(folder);
            }

            if (network.OodDetector is null)
            {
                throw new CommandException(ExitCode.Refused, $"{file}: holds nothing that tells digits from other images; --train makes it.");
            }

            byte[] clothes = Fashion(parsed.GetRequiredValue(fashion), test: target is null, console.Error);
            var result = await Terminal.WithProgressAsync(console.Error, "judging", report => Task.Run(
                () => OodEvaluation.Measure(network, digits, clothes, target is null ? TestSeed : ValidationSeed, report), cancellationToken));
            var report = new RejectReport($"{file} (SHA-256 {network.Sha256})", target is null ? "MNIST test set" : "MNIST validation block", result);
            if (parsed.GetValue(json))
            {
                report.WriteJson(console.Output);
            }
            else
            {
                report.WriteTable(console.Output);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Task<Network> TrainAsync(
        Network network, DigitDataset training, DigitDataset validation, string target, TextWriter error, CancellationToken cancellationToken) =>
        Terminal.WithProgressAsync(error, "training", report => Task.Run(
            () =>
            {
                var options = OodDetectorTraining.Options;
                var trained = OodDetectorTraining.Train(
                    training, options, progress => report((progress.Epoch - 1 + (progress.Step / (double)progress.Steps)) / options.Epochs), cancellationToken);
                double[] scores = OodEvaluation.Scores(Network.Create(trained), validation.Images);
                var rule = OodDetectorTraining.Fit(scores, OodEvaluation.Confidences(network, validation.Images));
                try
                {
                    network.Save(target, new OodWeights(trained, rule));
                }
                catch (WeightsException exception)
                {
                    throw new CommandException(ExitCode.Refused, exception.Message);
                }

                return WeightsOption.Load(target);
            },
            cancellationToken));

    /// <summary>Ten thousand images; none, and a line that says so, where they are not installed.</summary>
    private static byte[] Fashion(string folder, bool test, TextWriter error)
    {
        string path = (test ? MnistFile.TestImages : MnistFile.TrainImages).PathIn(folder);
        if (!File.Exists(path))
        {
            error.WriteLine($"Fashion-MNIST is left out: there is no '{path}'. --fashion names its folder; Debian has it in the package dataset-fashion-mnist.");
            return [];
        }

        return IdxFile.ReadImages(path)[^(MnistFile.ValidationCount * DigitImage.PixelCount)..];
    }
}
