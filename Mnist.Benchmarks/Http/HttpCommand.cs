using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Benchmarks.Http;

/// <summary><c>http</c>: measures the service and its peers under load.</summary>
internal static class HttpCommand
{
    public static Command Create()
    {
        var json = new Option<string?>("--json") { Description = "Also write the results to this file.", HelpName = "FILE" };
        var seconds = PositiveOption.Create("--seconds", 2.0, "Time for the capacity of each contender, and for each load.");
        var server = new Option<string>("--server")
        {
            Description = "Mnist.Api.dll of the service.",
            HelpName = "FILE",
            DefaultValueFactory = _ => RepositoryFiles.PublishedServer,
        };
        var command = new Command("http", "Measures the service on one core, with the load generator on another: capacity, latency, overload, start-up and memory.") { json, seconds, server };
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
            throw new FileNotFoundException($"{server} does not exist. Create it with: dotnet publish Mnist.Api -r {RuntimeInformation.RuntimeIdentifier} --no-self-contained");
        }

        if (Cores.Allowed().Count < 2)
        {
            throw new IOException("This benchmark needs Linux and two cores: one for the service, one for the load generator.");
        }
    }

    private static void Print(HttpResult result, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Capacity in images per second on one core. decode + engine: in this process, without HTTP.");
        var capacity = new TextTable("images per request", "mnist", "constant", "decode + engine", "flask", "of constant", "of decode + engine", "x flask");
        foreach (var row in result.Capacity)
        {
            capacity.Add(
                $"{row.Images}", Count(row.Server), Count(row.Constant), Count(row.InProcess), Count(row.Flask),
                Percent(row.OfConstant), Percent(row.OfInProcess), Number(row.ToFlask, "F1"));
        }

        capacity.Write(output);
        output.WriteLine();
        output.WriteLine("Open loop, Poisson arrivals. load: rate by capacity. Latency from the time when a request was due. rejected: or timed out, or no free connection.");
        var load = new TextTable("server", "images per request", "load", "images/s", "p50 ms", "p99 ms", "p99.9 ms", "rejected");
        foreach (var row in result.Load)
        {
            load.Add(
                row.Contender, $"{row.Images}", Number(row.Load, "0.#") + "x", Count(row.Goodput),
                Number(row.P50, "F2"), Number(row.P99, "F2"), Number(row.P999, "F2"), Percent(row.Rejected));
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
