using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Http;

/// <summary><c>http</c>: the service under load beside its peers, as tables and as JSON.</summary>
internal static class HttpCommand
{
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var seconds = PositiveOption.Create("--seconds", 2.0, "Time for each contender's capacity and for each load.");
        var server = new Option<string>("--server")
        {
            Description = "The service's Mnist.Api.dll.",
            HelpName = "FILE",
            DefaultValueFactory = _ => RepositoryFiles.PublishedServer,
        };
        var command = new Command("http", "Measures the service on one core, under load from another: capacity, latency, overload, start and memory.") { json, seconds, server };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            string path = parsed.GetValue(server)!;
            Require(path);
            output.WriteLine(Machine.Describe());
            var result = new HttpBenchmark(path, parsed.GetValue(seconds), output).Run();
            Print(result, output);
            if (parsed.GetValue(json) is { } file)
            {
                File.WriteAllText(file, result.ToJson() + Environment.NewLine);
            }
        });
        return command;
    }

    private static void Require(string server)
    {
        if (!File.Exists(server))
        {
            throw new FileNotFoundException($"{server} does not exist; make it with dotnet publish Mnist.Api -r {RuntimeInformation.RuntimeIdentifier} --no-self-contained");
        }

        if (Cores.Allowed().Count < 2)
        {
            throw new IOException("The service and the load need a core each, on Linux.");
        }
    }

    private static void Print(HttpResult result, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Capacity on one core in images a second; decode + engine without HTTP, in this process.");
        var capacity = new TextTable("images a request", "mnist", "constant", "decode + engine", "flask", "of constant", "of decode + engine", "by flask");
        foreach (var row in result.Capacity)
        {
            capacity.Add(
                $"{row.Images}", Count(row.Server), Count(row.Constant), Count(row.InProcess), Count(row.Flask),
                Percent(row.OfConstant), Percent(row.OfInProcess), Number(row.ToFlask, "F1"));
        }

        capacity.Write(output);
        output.WriteLine();
        output.WriteLine("Open loop, Poisson arrivals; ms from the moment a request was due; refused: or no free connection.");
        var load = new TextTable("server", "images a request", "load", "images/s", "p50 ms", "p99 ms", "p99.9 ms", "refused");
        foreach (var row in result.Load)
        {
            load.Add(
                row.Contender, $"{row.Images}", Number(row.Load, "0.#") + "x", Count(row.Goodput),
                Number(row.P50, "F2"), Number(row.P99, "F2"), Number(row.P999, "F2"), Percent(row.Refused));
        }

        load.Write(output);
        output.WriteLine();
        var start = new TextTable("start", "ready ms", "first request ms", "second request ms");
        foreach (var row in result.Start)
        {
            start.Add($"{row.Cores} cores", Number(row.Ready, "F0"), Number(row.FirstRequest, "F1"), Number(row.SecondRequest, "F1"));
        }

        start.Write(output);
        output.WriteLine();
        var memory = new TextTable("memory", "idle MiB", "after load MiB");
        foreach (var row in result.Memory)
        {
            memory.Add(row.Contender, Number(row.Idle, "F0"), Number(row.AfterLoad, "F0"));
        }

        memory.Write(output);
    }

    private static string Count(double? value) => Number(value, "N0");

    private static string Percent(double value) => value.ToString("P0", CultureInfo.InvariantCulture);

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
