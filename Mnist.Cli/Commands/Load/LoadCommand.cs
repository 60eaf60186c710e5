using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Mnist.Cli.Commands.Classify;
using Mnist.Cli.Shared;
using Mnist.LoadTesting;

namespace Mnist.Cli.Commands.Load;

/// <summary><c>mnist load</c>: measures capacity and latency of a service.</summary>
internal static class LoadCommand
{
    private const int MaxImages = 64;
    private const double MaxRate = 100_000;

    /// <summary>Limits of a step in seconds. Shorter steps are too noisy; in longer ones the server may close idle connections.</summary>
    private const double MinStep = 0.1;
    private const double MaxStep = 60;

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files of 28x28 grey pixels. Default: twenty MNIST digits." };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var images = new Option<int>("--images") { Description = "Images per request, 1 to 64.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var concurrency = NumberListOption.Create(
            "--concurrency", "Requests in flight in a closed loop, such as 1,8,64 or 1:16:5. Default: 1, 2, 4 ... until the rate no longer grows.",
            "whole numbers", 1, LoadGenerator.MaxConnections);
        var rate = NumberListOption.Create(
            "--rate", "Requests per second in an open loop, such as 100,1000 or 500:2000:500. Default: 50, 80 and 95 % of the capacity.", "numbers", 0.1, MaxRate);
        var duration = new Option<double>("--duration") { Description = "Duration of each step.", HelpName = "SECONDS", DefaultValueFactory = _ => 2 };
        var arrivals = new Option<ArrivalProcess>("--arrivals")
        {
            Description = "Schedule of the open loop: random, as of many independent clients (poisson, the default), or with equal gaps (constant).",
        };
        arrivals.AcceptOnlyFromAmong("poisson", "constant");
        var seed = new Option<int>("--seed") { Description = "Seed of the random schedule.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "load",
            """
            Measures capacity and latency of a service. The capacity comes from a closed loop with a growing number of requests in flight, the
            latency from an open loop at shares of the capacity. Every response is compared with the response to the same request before the load.
            The columns decode, queue and engine are means of the server's own times. Use it only on a service that you are allowed to load.

            Examples:
              mnist load                                       about 20 seconds against http://127.0.0.1:8000
              mnist load --images 64 --duration 5              64 images per request, longer steps
              mnist load --concurrency 1,8,64                  only these concurrencies
              mnist load --rate 500:2000:500 --arrivals constant
              mnist load scans/7.png scans/3.png --json        your own images; output for programs

            Exit code: 0 measured, 1 wrong responses, or rejections in the closed loop, 2 service unreachable or not working, 64 wrong usage,
            130 interrupted (the completed steps are printed).
            """)
        {
            files, server, apiKey, images, concurrency, rate, duration, arrivals, seed, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(server) is { Scheme: "https" } https)
            {
                result.AddError($"--server is '{https}', expected an http address: the service's own, not that of a proxy in front of it.");
            }
            else if (result.IsGiven(images) && result.GetValue(images) is not (>= 1 and <= MaxImages))
            {
                result.AddError($"--images is {result.GetValue(images)}, expected 1 to {MaxImages}.");
            }
            else if (result.IsGiven(duration) && result.GetValue(duration) is not (>= MinStep and <= MaxStep))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--duration is {result.GetValue(duration)}, expected {MinStep} to {MaxStep} seconds."));
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            string[] paths = parsed.GetValue(files)!;
            var digits = paths.Length == 0 ? LoadDigit.Known() : await ReadAsync(paths, cancellationToken);
            var plan = new LoadPlan(parsed.GetValue(concurrency), parsed.GetValue(rate), parsed.GetValue(duration), parsed.GetValue(arrivals), parsed.GetValue(seed));
            var report = new LoadReport(parsed.GetValue(server)!, parsed.GetValue(images), plan, [], null);
            var table = parsed.GetValue(json) ? null : new LoadTable(output, report.Images);
            List<LoadStep> steps = [];
            try
            {
                await using var connection = new ServiceConnection(report.Server, parsed.GetValue(apiKey));
                var target = await LoadTarget.PrepareAsync(connection.Client, report.Server, connection.ApiKey, digits, report.Images, cancellationToken);
                table?.WriteTitle(Title(report, target));
                await MeasureAsync(plan, target, step =>
                {
                    steps.Add(step);
                    table?.Add(step);
                }, error, cancellationToken);
                return steps.Exists(step => step.HasFailed) ? ExitCode.Failure : ExitCode.Success;
            }
            catch (Exception exception)
            {
                report = report with { Failure = exception is OperationCanceledException ? "interrupted" : exception.Message };
                throw exception is SocketException or IOException or InvalidDataException
                    ? new CommandException(ExitCode.Unreachable, $"{report.Server} does not work: {exception.Message}")
                    : exception;
            }
            finally
            {
                report = report with { Steps = steps };
                if (table is null)
                {
                    report.WriteJson(output);
                }
                else if (report.Best is { } best)
                {
                    table.WriteCapacity(best);
                }
            }
        });
        return command;
    }

    private static async Task<IReadOnlyList<LoadDigit>> ReadAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        List<LoadDigit> digits = [];
        foreach (string path in paths)
        {
            digits.Add(new LoadDigit(await File.ReadAllBytesAsync(path, cancellationToken), DigitFile.Of(path).Label));
        }

        return digits;
    }

    private static string Title(LoadReport report, LoadTarget target)
    {
        string correct = target.Labelled > 0 ? $", {target.Correct} of {target.Labelled} digits classified correctly" : "";
        return Terminal.OneLine($"{report.Server}, {report.Images} {(report.Images == 1 ? "image" : "images")} per request{correct}");
    }

    /// <summary>Runs the plan on its own thread, because the load generator blocks it until the end.</summary>
    private static Task MeasureAsync(LoadPlan plan, LoadTarget target, Action<LoadStep> measured, TextWriter error, CancellationToken cancellationToken)
    {
        return Task.Factory.StartNew(Measure, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        void Measure()
        {
            try
            {
                foreach (var step in plan.Run(target, status => Terminal.ShowStatus(error, status + " ..."), cancellationToken))
                {
                    Terminal.ShowStatus(error, "");
                    measured(step);
                }
            }
            finally
            {
                Terminal.ShowStatus(error, "");
            }
        }
    }
}
