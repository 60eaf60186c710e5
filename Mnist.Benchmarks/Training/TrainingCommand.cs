using System.CommandLine;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Training;

/// <summary><c>training</c>: compares the trainer with PyTorch.</summary>
internal static class TrainingCommand
{
    private static readonly int[] ThreadCounts = [1, 2];

    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var rounds = PositiveOption.Create("--rounds", 7, "Measured runs of each contender.");
        var command = new Command("training", "Measures the trainer and PyTorch in turn, on the same network, with one and two threads.") { json, rounds };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine(Machine.Describe());
            output.WriteLine($"vgg12 with batch normalisation, AdamW, fp32; a run is {TrainingBenchmark.StepsPerRun} batches of {TrainingBenchmark.BatchSize}.");
            TrainingMeasurement[] measurements = [.. ThreadCounts.Select(threads => TrainingBenchmark.Measure(threads, parsed.GetValue(rounds), output))];
            Print(measurements, output);
            if (parsed.GetValue(json) is { } path)
            {
                File.WriteAllText(path, ResultsJson.Of(Machine.Describe(), measurements.Select(measurement => measurement.ToResult())));
            }
        });
        return command;
    }

    private static void Print(TrainingMeasurement[] measurements, TextWriter output)
    {
        output.WriteLine();
        var table = new TextTable("contender", "threads", "images/s", "x best peer", "last loss");
        foreach (var measurement in measurements)
        {
            foreach (string contender in measurement.ImagesPerSecond.Keys)
            {
                table.Add(
                    contender,
                    $"{measurement.Threads}",
                    $"{measurement.Median(contender):N0}",
                    $"{measurement.RatioOf(contender)}",
                    $"{measurement.Losses[contender]:F3}");
            }
        }

        table.Write(output);
    }
}
