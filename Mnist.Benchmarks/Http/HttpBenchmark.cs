using System.Diagnostics;
using System.Text.Json;
using Mnist.Benchmarks.Engine;
using Mnist.Benchmarks.Measuring;
using Mnist.Core.Imaging;
using Mnist.Inference.Kernels;
using Mnist.LoadTesting;
using Mnist.LoadTesting.Http;
using Mnist.Training.Data;

namespace Mnist.Benchmarks.Http;

/// <summary>Measures the service and its peers on one core, with the load generator on another.</summary>
/// <param name="serverPath">Path of Mnist.Api.dll.</param>
/// <param name="seconds">Time for the capacity of each contender, and for each load.</param>
/// <param name="output">Receives the progress.</param>
internal sealed class HttpBenchmark(string serverPath, double seconds, TextWriter output)
{
    public const string Ours = "mnist";
    public const string Constant = "constant";
    public const string Flask = "flask";

    /// <summary>Rates as multiples of each contender's capacity.</summary>
    public static readonly double[] Loads = [0.5, 0.9, 1, 2, 10];

    private const int Rounds = 3;
    private const int Starts = 5;
    private const int Seed = 1;

    /// <summary>Enough to keep a core busy; more would only queue.</summary>
    private const int ClosedLoopConnections = 32;

    private static readonly int[] ImagesPerRequest = [1, 16, 64];

    private readonly int _serverCore = Cores.Allowed()[0];
    private readonly int _generatorCore = Cores.Allowed()[^1];
    private readonly List<HttpCapacity> _capacity = [];
    private readonly List<HttpPoint> _load = [];

    public HttpResult Run()
    {
        // Only the first 200 test digits: the other golden predictions were chosen because they are hard, so more of them are escalated.
        using var goldenFile = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryFiles.Data, "golden.json")));
        var golden = goldenFile.RootElement.GetProperty("digits").EnumerateArray()
            .Select(digit => (
                Index: digit.GetProperty("index").GetInt32(),
                Label: digit.GetProperty("label").GetByte(),
                Probabilities: digit.GetProperty("probabilities").EnumerateArray().Select(probability => probability.GetSingle()).ToArray()))
            .Where(digit => digit.Index < 200).ToList();
        var digits = MnistFile.LoadTest(RepositoryFiles.Data);
        digits = new DigitDataset([.. golden.SelectMany(digit => digits.Image(digit.Index).ToArray())], [.. golden.Select(digit => digit.Label)]);
        var network = RepositoryFiles.LoadShipped();
        byte[][] files = [.. digits.Images.Chunk(DigitImage.PixelCount).Select(pixels => DigitPng.Encode(pixels))];
        var requests = ImagesPerRequest.Select(count => DigitRequests.Create(files, count, new Uri("http://localhost"))).ToList();
        HttpStart[] starts = [MeasureStart([.. Cores.Allowed()], requests[0].Bodies[0]), MeasureStart([_serverCore], requests[0].Bodies[0])];

        Cores.Pin(_serverCore);
        using var ours = StartServer();
        using var constant = BenchmarkServer.Start(Environment.ProcessPath!, ConstantServer.CommandName, "--urls", "http://127.0.0.1:{port}");
        constant.WaitUntilReady();
        using var flask = FlaskService.TryStart(network.Stages[0], output);
        Cores.Pin(_generatorCore);

        List<HttpContender> contenders = [new(Ours, ours, [.. golden.Select(digit => digit.Probabilities)]), new(Constant, constant, null)];
        if (flask is not null)
        {
            float[] images = Array.ConvertAll(digits.Images, pixel => pixel / 255f);
            using var reference = new OnnxContender(new Workload(Flask, network.Stages[0], images, digits.Count));
            float[] probabilities = reference.Logits();
            Softmax.Rows(probabilities, DigitImage.ClassCount, probabilities);
            contenders.Add(new(Flask, flask, [.. probabilities.Chunk(DigitImage.ClassCount)]));
        }

        var idle = contenders.ToDictionary(contender => contender, contender => contender.Server.ResidentBytes());
        foreach (var request in requests)
        {
            output.WriteLine($"{request.ImagesPerRequest} images per request ...");
            Measure(contenders, request, new DecodeAndForward(network, request));
        }

        return new HttpResult(
            Machine.Describe(), _capacity, _load, starts,
            [.. contenders.Select(contender => new HttpMemory(contender.Name, MiB(idle[contender]), MiB(contender.Server.ResidentBytes())))]);
    }

    private static double MiB(long bytes) => bytes / (1024.0 * 1024);

    private BenchmarkServer StartServer()
    {
        var server = BenchmarkServer.Start("dotnet", serverPath, "--urls=http://127.0.0.1:{port}");
        server.WaitUntilReady();
        return server;
    }

    private HttpStart MeasureStart(int[] cores, byte[] body)
    {
        double[][] milliseconds = [.. Enumerable.Range(0, Starts).Select(_ =>
        {
            Cores.Pin(cores);
            using var server = BenchmarkServer.Start("dotnet", serverPath, "--urls=http://127.0.0.1:{port}");
            Cores.Pin(_generatorCore);
            double ready = server.WaitUntilReady() * 1e3;
            return new[] { ready, Timed(server), Timed(server) };
        })];
        return new HttpStart(cores.Length, Median(0), Median(1), Median(2));

        double Timed(BenchmarkServer server)
        {
            long started = Stopwatch.GetTimestamp();
            server.Post(body);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        double Median(int column) => Samples.Median([.. milliseconds.Select(start => start[column])]);
    }

    private void Measure(List<HttpContender> contenders, DigitRequests requests, DecodeAndForward inProcess)
    {
        double[] requestsPerSecond = MeasureCapacity(contenders, requests, inProcess);
        double[] images = [.. requestsPerSecond.Select(rate => rate * requests.ImagesPerRequest)];
        _capacity.Add(new HttpCapacity(requests.ImagesPerRequest, images[0], images[1], images[^1], contenders.Count > 2 ? images[2] : null));
        for (int i = 0; i < contenders.Count; i++)
        {
            using var generator = contenders[i].Connect(requests, LoadGenerator.MaxConnections);
            foreach (double load in Loads)
            {
                var outcome = generator.RunOpen(Arrivals.Poisson(load * requestsPerSecond[i], seconds, Seed), seconds).RequireCorrect();
                _load.Add(HttpPoint.Of(contenders[i].Name, requests.ImagesPerRequest, load, outcome));
            }
        }
    }

    /// <summary>Measures all in turn, in short slices, so that noise of the machine affects all of them.</summary>
    /// <returns>Requests per second of each contender and, last, of the work in this process.</returns>
    private double[] MeasureCapacity(List<HttpContender> contenders, DigitRequests requests, DecodeAndForward inProcess)
    {
        LoadGenerator[] generators = [.. contenders.Select(contender => contender.Connect(requests, ClosedLoopConnections))];
        Func<double, double>[] runs = [.. generators.Select(generator => (Func<double, double>)(slice => generator.RunClosed(slice).RequireCorrect().Goodput)), MeasureInProcess];
        foreach (var run in runs)
        {
            LoadWarmUp.Run(() => run(1));
        }

        double[][] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => runs.Select(run => run(seconds / Rounds)).ToArray())];
        Array.ForEach(generators, generator => generator.Dispose());
        return [.. runs.Select((_, i) => Samples.Median([.. rounds.Select(round => round[i])]))];

        double MeasureInProcess(double slice)
        {
            Cores.Pin(_serverCore);
            double rate = inProcess.Measure(slice);
            Cores.Pin(_generatorCore);
            return rate;
        }
    }
}
