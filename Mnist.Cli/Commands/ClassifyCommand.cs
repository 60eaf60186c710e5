using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Mnist.Cli.Classify;
using Mnist.Client;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist classify</c>: sends image files to the service.</summary>
internal static class ClassifyCommand
{
    private const string DefaultDownloadFolder = "mnist-digits";

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files of 28x28 grey pixels, a bright digit on dark ground; with --normalize, pictures of any kind." };
        var folder = new Option<string?>("--folder")
        {
            Description = "A folder whose png, jpg, jpeg, bmp, gif and webp files are classified, or where --download-mnist writes.",
            HelpName = "DIR",
        };
        var downloadMnist = new Option<bool>("--download-mnist")
        {
            Description = $"Fetch MNIST, write ten random test digits as PNG files into --folder (default {DefaultDownloadFolder}) and classify them.",
        };
        var seed = new Option<int?>("--seed")
        {
            Description = "Choose the same ten digits every time.",
            HelpName = "NUMBER",
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number))
                {
                    return number;
                }

                result.AddError($"--seed '{result.Tokens[0].Value}' is no whole number.");
                return null;
            },
        };
        var normalize = new Option<bool>("--normalize")
        {
            Description = "Find the digit on pictures of any size, colour and light, and bring it to 28x28 pixels as MNIST's are.",
        };
        var preview = new Option<string?>("--preview") { Description = "Write what the network saw as a PNG file, for a single image.", HelpName = "FILE" };
        var show = new Option<bool>("--show") { Description = "Draw what the network saw below each line of the table." };
        var reject = new Option<bool>("--reject") { Description = "Tell which images are no digits." };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "classify",
            """
            Sends image files to the service and prints digit and probability of each. A name that starts with a digit and '_', '-' or '.',
            such as 7_00042.png, tells the true digit: then the answer is marked right or wrong.

            Examples:
              mnist classify 7.png scans/*.png
              mnist classify photo.jpg --normalize --show             any picture; draw what the network saw
              mnist classify photo.jpg --normalize --preview saw.png  the same as a file
              mnist classify --download-mnist --seed 2                ten test digits, always the same
              mnist classify digits/*.png --reject --json             tell what is no digit, for another program
              mnist classify 7.png --server https://digits.example

            Exit code: 0 all files answered, 1 some refused or failed, 2 the service could not be reached or does not work, 64 wrong usage,
            130 interrupted.
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
                result.AddError("Nothing to classify: name files, --folder or --download-mnist.");
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
                result.AddError($"--preview '{path}' is the image itself: name another file.");
            }
            else if (result.GetValue(show) && result.GetValue(json))
            {
                result.AddError("--show draws in the table, which --json replaces: leave one of them out.");
            }
            else if (result.GetResult(seed) is not null && !result.GetValue(downloadMnist))
            {
                result.AddError("--seed is for --download-mnist only.");
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
                    ExitCode.Refused, $"The folder '{parsed.GetValue(folder)}' has no file of the types {string.Join(' ', DigitFile.Extensions)}.");
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
                : report.Refused > 0 ? ExitCode.Refused : ExitCode.Success;
        });
        return command;
    }

    private static async Task<IReadOnlyList<DigitFile>> DownloadAsync(string folder, int? seed, TextWriter error, CancellationToken cancellationToken)
    {
        await MnistData.EnsureAsync(MnistDownload.DefaultFolder, [MnistFile.TestImages, MnistFile.TestLabels], error, cancellationToken);
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
