using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.LoadTesting.Http;

namespace Mnist.LoadTesting;

/// <summary>The results of a load test.</summary>
/// <param name="Server">The server's address.</param>
/// <param name="Images">Images per request.</param>
/// <param name="Plan">What was to be measured.</param>
/// <param name="Steps">The completed steps.</param>
/// <param name="Failure">Why the test ended early; null if it did not.</param>
internal sealed record LoadReport(Uri Server, int Images, LoadPlan Plan, IReadOnlyList<LoadStep> Steps, string? Failure)
{
    /// <summary>The fastest step of the closed loop, whose rate is the capacity; null without a correct response.</summary>
    public LoadStep? Best => Steps.Where(step => step is { Concurrency: not null, Latency: not null }).MaxBy(step => step.RequestsPerSecond);

    public void WriteJson(TextWriter output) => output.WriteLine(JsonSerializer.Serialize(
        new JsonLoad(
            Server,
            Images,
            Plan.Seconds,
            Plan.Arrivals,
            Plan.Seed,
            Steps.Where(step => step.Concurrency is not null).Select(JsonStep.Of),
            Steps.Where(step => step.Rate is not null).Select(JsonStep.Of),
            Best is { } best ? new JsonCapacity(best.Concurrency!.Value, Math.Round(best.RequestsPerSecond, 1), Math.Round(best.ImagesPerSecond, 1)) : null,
            Failure),
        LoadJson.Default.JsonLoad));
}

internal sealed record JsonLoad(
    Uri Server,
    int Images,
    double Seconds,
    ArrivalProcess Arrivals,
    int Seed,
    IEnumerable<JsonStep> ClosedLoop,
    IEnumerable<JsonStep> OpenLoop,
    JsonCapacity? Capacity,
    string? Error);

internal sealed record JsonCapacity(int Concurrency, double RequestsPerSecond, double ImagesPerSecond);

internal sealed record JsonStep(
    int? Concurrency,
    double? Rate,
    double RequestsPerSecond,
    double ImagesPerSecond,
    int Requests,
    LoadLatency? LatencyMicroseconds,
    ServerTime? ServerMicroseconds,
    JsonErrors? Errors)
{
    public static JsonStep Of(LoadStep step) => new(
        step.Concurrency,
        step.Rate is { } rate ? Math.Round(rate, 1) : null,
        Math.Round(step.RequestsPerSecond, 1),
        Math.Round(step.ImagesPerSecond, 1),
        step.Outcome.Due,
        step.Latency,
        step.Outcome.ServerTime is { } time ? new ServerTime(Math.Round(time.Decode, 1), Math.Round(time.Queue, 1), Math.Round(time.Inference, 1)) : null,
        step.Outcome is { Errors: > 0 } outcome
            ? new JsonErrors(outcome.Statuses, outcome.Wrong, outcome.Broken, outcome.Lost, outcome.Unanswered, outcome.FirstError)
            : null);
}

internal sealed record JsonErrors(IReadOnlyDictionary<int, int> Statuses, int Wrong, int Broken, int Lost, int Unanswered, string? First);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(JsonLoad))]
internal sealed partial class LoadJson : JsonSerializerContext;
