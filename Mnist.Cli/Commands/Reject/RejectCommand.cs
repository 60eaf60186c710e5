using System.CommandLine;
using Mnist.Cli.Shared;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Cli.Commands.Reject;

/// <summary><c>mnist reject</c>: evaluates and trains the out-of-distribution (OOD) detector.</summary>
internal static class RejectCommand
{
    /// <summary>Seed of the outliers in the evaluation on validation digits; differs from those of the training and of the test.</summary>
    private const int ValidationSeed = 1001;

    /// <summary>Seed of the outliers in the evaluation on test digits.</summary>
    private const int TestSeed = 2002;

    public static Command Create()
    {
        var weights = WeightsOption.Create();
        var train = new Option<string?>("--train")
        {
            Description = "Train an OOD detector, and write it with the weights to this file.",
            HelpName = "FILE",
        };
        var data = DataOption.Create();
        var fashion = new Option<string>("--fashion")
        {
            Description = "The folder of Fashion-MNIST, which is not used in training. If it does not exist, Fashion-MNIST is skipped.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "/usr/share/datasets/fashion-mnist",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the report." };
        var force = new Option<bool>("--force") { Description = "Replace the file of --train if it exists." };
        var command = new Command(
            "reject",
            """
            Evaluates the out-of-distribution detector of a weights file. It uses the MNIST test set and generated images that are not digits: shapes,
            scribbles, letters, parts and pairs of digits, noise and patterns. Fashion-MNIST is added if installed (Debian: dataset-fashion-mnist).

            With --train, it first trains a detector on the first 50,000 training images and generated images, in minutes. The threshold is fitted on the
            last 10,000 training images, so that at most 0.4 % of them are rejected. The evaluation then uses these images.

            Examples:
              mnist reject                                                        evaluate the shipped detector
              mnist reject --weights mine.safetensors --train mine-with-reject.safetensors

            Exit code: 0 evaluated, 1 a file cannot be used or written, 2 download unavailable, 64 wrong usage, 130 interrupted.
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
                throw new CommandException(ExitCode.Failure, $"'{target}' exists. Use --force to replace it.");
            }

            var network = WeightsOption.Load(file);
            await DataOption.DownloadAsync(folder, MnistFile.All, console.Error, cancellationToken);
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
                throw new CommandException(ExitCode.Failure, $"{file}: has no OOD detector. Use --train to add one.");
            }

            byte[] clothes = Fashion(parsed.GetRequiredValue(fashion), test: target is null, console.Error);
            var result = await Terminal.WithProgressAsync(console.Error, "evaluating", report => Task.Run(
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
                    throw new CommandException(ExitCode.Failure, exception.Message);
                }

                return WeightsOption.Load(target);
            },
            cancellationToken));

    /// <summary>Reads 10,000 images of Fashion-MNIST; prints a line and returns none if it is not installed.</summary>
    private static byte[] Fashion(string folder, bool test, TextWriter error)
    {
        string path = (test ? MnistFile.TestImages : MnistFile.TrainImages).PathIn(folder);
        if (!File.Exists(path))
        {
            error.WriteLine($"Fashion-MNIST is skipped: '{path}' does not exist. Install Debian's package dataset-fashion-mnist, or set --fashion.");
            return [];
        }

        return IdxFile.ReadImages(path)[^(MnistFile.ValidationCount * DigitImage.PixelCount)..];
    }
}
