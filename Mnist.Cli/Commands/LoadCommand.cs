using System.CommandLine;
using System.Globalization;
using System.Net.Sockets;
using Mnist.Cli.Classify;
using Mnist.Cli.Load;
using Mnist.LoadTesting;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist load</c>: what a service can do, and how long its answers take under load.</summary>
internal static class LoadCommand
{
    private const int MaxImages = 64;
    private const double MaxRate = 100_000;

    /// <summary>In seconds. Less is noise; more, and the server may close connections that have been idle for a whole step.</summary>
    private const double ShortestStep = 0.1;
    private const double LongestStep = 60;

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Image files to send, of 28x28 grey pixels. Default: twenty known MNIST digits." };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var images = new Option<int>("--images") { Description = "Images of each request, 1 to 64.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var concurrency = NumberList.Option(
            "--concurrency", "Requests at a time in a closed loop, such as 1,8,64 or 1:16:5. Default: 1, 2, 4 ... until the server gives no more.",
            "whole numbers", 1, LoadGenerator.Connections);
        var rate = NumberList.Option(
            "--rate", "Requests a second in an open loop, such as 100,1000 or 500:2000:500. Default: 50, 80 and 95 % of the capacity.", "numbers", 0.1, MaxRate);
        var duration = new Option<double>("--duration") { Description = "Length of each step.", HelpName = "SECONDS", DefaultValueFactory = _ => 2 };
        var arrivals = new Option<ArrivalProcess>("--arrivals")
        {
            Description = "How requests come in the open loop: at random, as from many clients (poisson, the default), or evenly (constant).",
        };
        arrivals.AcceptOnlyFromAmong("poisson", "constant");
        var seed = new Option<int>("--seed") { Description = "The same number gives the same random arrivals.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "load",
            """
            Measures a service: capacity and latency under load. Capacity comes from a closed loop of more and more requests at a time, latency from
            an open loop at parts of the capacity. Every answer is checked against the one that the same request got before. Decode, queue and engine
            are means of what the server says of its own time. Only for a service that is yours to load.

            Examples:
              mnist load                                       about 20 seconds against http://127.0.0.1:8000
              mnist load --images 64 --duration 5              64 images a request, more exact
              mnist load --concurrency 1,8,64                  only these numbers of requests at a time
              mnist load --rate 500:2000:500 --arrivals constant
              mnist load scans/7.png scans/3.png --json        images of your own, for another program

            Exit code: 0 measured, 1 answers were wrong, or refused though no more were asked for than the service gives, 2 the service could not be
            reached or does not work, 64 wrong usage, 130 interrupted; what was measured until then is printed.
            """)
        {
            files, server, apiKey, images, concurrency, rate, duration, arrivals, seed, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(server) is { Scheme: "https" } https)
            {
                result.AddError($"--server '{https}' is https: name the service's own http address, not that of a proxy in front of it.");
            }
            else if (result.IsGiven(images) && result.GetValue(images) is not (>= 1 and <= MaxImages))
            {
                result.AddError($"--images is {result.GetValue(images)}, expected 1 to {MaxImages}.");
            }
            else if (result.IsGiven(duration) && result.GetValue(duration) is not (>= ShortestStep and <= LongestStep))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--duration is {result.GetValue(duration)}, expected {ShortestStep} to {LongestStep} seconds."));
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
                return steps.Exists(step => step.HasFailed) ? ExitCode.Refused : ExitCode.Success;
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
        string right = target.Labelled > 0 ? $", {target.Right} of {target.Labelled} digits read rightly" : "";
        return Terminal.OneLine($"{report.Server}, {report.Images} {(report.Images == 1 ? "image" : "images")} a request{right}");
    }

    /// <summary>On a thread of its own: the generator holds it until the end.</summary>
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
