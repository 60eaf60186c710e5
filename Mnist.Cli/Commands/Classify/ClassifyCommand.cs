using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Mnist.Cli.Shared;
using Mnist.Client;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Cli.Commands.Classify;

/// <summary><c>mnist classify</c>: sends image files to the service.</summary>
internal static class ClassifyCommand
{
    private const string DefaultDownloadFolder = "mnist-digits";

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files of 28x28 grey pixels, a bright digit on a dark background; with --normalize, photos." };
        var folder = new Option<string?>("--folder")
        {
            Description = "Classify the png, jpg, jpeg, bmp, gif and webp files of this folder. With --download-mnist: the folder for the digits.",
            HelpName = "DIR",
        };
        var downloadMnist = new Option<bool>("--download-mnist")
        {
            Description = $"Download MNIST, write ten random test digits as PNG files to --folder (default {DefaultDownloadFolder}) and classify them.",
        };
        var seed = new Option<int?>("--seed")
        {
            Description = "Seed of the random choice: the same seed gives the same digits.",
            HelpName = "NUMBER",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number))
                {
                    return number;
                }

                result.AddError($"--seed is '{result.Tokens[0].Value}', expected a whole number.");
                return null;
            },
        };
        var normalize = new Option<bool>("--normalize")
        {
            Description = "Find the digit on photos of any size and colour, and preprocess it like MNIST.",
        };
        var preview = new Option<string?>("--preview") { Description = "Write the network's 28x28 input as a PNG file. For a single image only.", HelpName = "FILE" };
        var show = new Option<bool>("--show") { Description = "Draw the network's input below each line of the table." };
        var reject = new Option<bool>("--reject") { Description = "Detect images that are not digits." };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "classify",
            """
            Sends image files to the service and prints the digit and its probability for each. If a file name starts with a digit and '_', '-' or '.',
            such as 7_00042.png, that digit is the label, and the result is marked as correct or wrong.

            Examples:
              mnist classify 7.png scans/*.png
              mnist classify photo.jpg --normalize --show             a photo; draw the network's input
              mnist classify photo.jpg --normalize --preview saw.png  write it as a file
              mnist classify --download-mnist --seed 2                ten test digits, the same every time
              mnist classify digits/*.png --reject --json             detect images that are not digits; output for programs
              mnist classify 7.png --server https://digits.example

            Exit code: 0 all files classified, 1 some files rejected or unreadable, 2 service unreachable or not working, 64 wrong usage, 130 interrupted.
            """)
        {
            files, normalize, preview, show, reject, folder, downloadMnist, seed, server, apiKey, json,
        };
        command.Validators.Add(result =>
        {
            string[] paths = result.GetValue(files) ?? [];
            if (paths.FirstOrDefault(path => path.StartsWith('-') && !File.Exists(path)) is { } unknown)
            {
                result.AddError($"Unrecognized option '{unknown}'.");
            }
            else if (paths.Length == 0 && result.GetValue(folder) is null && !result.GetValue(downloadMnist))
            {
                result.AddError("Found no input, expected files, --folder or --download-mnist.");
            }
            else if (result.GetValue(folder) is { } directory && !result.GetValue(downloadMnist) && !Directory.Exists(directory))
            {
                result.AddError($"The folder '{directory}' does not exist.");
            }
            else if (result.GetResult(preview) is not null && (paths.Length != 1 || result.GetValue(folder) is not null || result.GetValue(downloadMnist)))
            {
                result.AddError("--preview is for a single image file.");
            }
            else if (result.GetValue(preview) is { } path && Path.GetFullPath(path) == Path.GetFullPath(paths[0]))
            {
                result.AddError($"--preview is '{path}', which is the image itself. Choose another file.");
            }
            else if (result.GetValue(show) && result.GetValue(json))
            {
                result.AddError("--show and --json exclude each other.");
            }
            else if (result.GetResult(seed) is not null && !result.GetValue(downloadMnist))
            {
                result.AddError("--seed requires --download-mnist.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            List<DigitFile> digits = [.. parsed.GetValue(files)!.Select(DigitFile.Of)];
            if (parsed.GetValue(downloadMnist))
            {
                digits.AddRange(await DownloadAsync(parsed.GetValue(folder) ?? DefaultDownloadFolder, parsed.GetValue(seed), error, cancellationToken));
            }
            else if (parsed.GetValue(folder) is { } path)
            {
                digits.AddRange(DigitFile.InFolder(path));
            }

            if (digits.Count == 0)
            {
                throw new CommandException(
                    ExitCode.Failure, $"The folder '{parsed.GetValue(folder)}' has no image files ({string.Join(' ', DigitFile.Extensions)}).");
            }

            var options = new ClassifyOptions
            {
                Normalize = parsed.GetValue(normalize),
                Preview = parsed.GetValue(preview) is not null || parsed.GetValue(show),
                Reject = parsed.GetValue(reject),
            };
            var report = await ClassifyAsync(parsed.GetValue(server)!, parsed.GetValue(apiKey), digits, options, error, cancellationToken);
            if (parsed.GetValue(preview) is { } previewPath && report.Results is [{ Classification.Preview: { } png }])
            {
                AtomicFile.Write(previewPath, png, overwrite: true);
            }

            if (parsed.GetValue(json))
            {
                report.WriteJson(output);
            }
            else
            {
                report.WriteTable(output, parsed.GetValue(show));
            }

            return report.Failure is { } failure
                ? throw new CommandException(ExitCode.Unreachable, failure)
                : report.Rejected > 0 ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<DigitFile>> DownloadAsync(string folder, int? seed, TextWriter error, CancellationToken cancellationToken)
    {
        await DataOption.DownloadAsync(MnistDownload.DefaultFolder, [MnistFile.TestImages, MnistFile.TestLabels], error, cancellationToken);
        return SampleDigits.Write(MnistFile.LoadTest(MnistDownload.DefaultFolder), folder, seed is { } start ? new Random(start) : new Random());
    }

    private static async Task<ClassifyReport> ClassifyAsync(
        Uri server, string? apiKey, List<DigitFile> files, ClassifyOptions options, TextWriter error, CancellationToken cancellationToken)
    {
        await using var connection = new ServiceConnection(server, apiKey);
        List<FileResult> results = [];
        var clock = Stopwatch.StartNew();
        string? failure = await Terminal.WithProgressAsync(error, "classifying", async report =>
        {
            try
            {
                await foreach (var result in FileClassifier.ClassifyAsync(connection.Client, files, options, cancellationToken))
                {
                    results.Add(result);
                    report((double)results.Count / files.Count);
                }

                return null;
            }
            catch (MnistClientException exception)
            {
                return exception.Message;
            }
        });
        return new ClassifyReport(server, results, files.Count, clock.Elapsed, failure);
    }
}
