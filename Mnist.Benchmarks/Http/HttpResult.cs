using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Http;

/// <summary>Capacities on one core in images per second; medians of the rounds.</summary>
/// <param name="Images">Images per request.</param>
/// <param name="Server">The service.</param>
/// <param name="Constant">The server with a constant response.</param>
/// <param name="InProcess">Decoding and the engine, without HTTP and JSON.</param>
/// <param name="Flask">Flask, gunicorn, Pillow and PyTorch; null if they are not installed.</param>
internal sealed record HttpCapacity(int Images, double Server, double Constant, double InProcess, double? Flask)
{
    /// <summary>The service's capacity divided by the constant server's.</summary>
    public double OfConstant => Server / Constant;

    /// <summary>The service's capacity divided by that of decoding and the engine in process.</summary>
    public double OfInProcess => Server / InProcess;

    /// <summary>The service's capacity divided by Flask's.</summary>
    public double? ToFlask => Server / Flask;
}

/// <summary>One server under one load in an open loop.</summary>
/// <param name="Contender">Name of the server.</param>
/// <param name="Images">Images per request.</param>
/// <param name="Load">Rate divided by the contender's capacity.</param>
/// <param name="Goodput">Correctly answered images per second.</param>
/// <param name="P50">Median latency in milliseconds from the time when a request was due; null without a correct response.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="P999">The 99.9th percentile.</param>
/// <param name="Rejected">Share of the requests that were rejected, timed out or found no free connection, 0 to 1.</param>
internal sealed record HttpPoint(string Contender, int Images, double Load, double Goodput, double? P50, double? P99, double? P999, double Rejected)
{
    public static HttpPoint Of(string contender, int images, double load, LoadOutcome outcome) => new(
        contender,
        images,
        load,
        outcome.Goodput * images,
        Milliseconds(outcome, 50),
        Milliseconds(outcome, 99),
        Milliseconds(outcome, 99.9),
        outcome.RejectedShare);

    private static double? Milliseconds(LoadOutcome outcome, double percent) => outcome.Milliseconds(percent) is var value && double.IsNaN(value) ? null : value;
}

/// <summary>Start-up of the service in milliseconds; medians of several starts.</summary>
/// <param name="Cores">Number of cores.</param>
/// <param name="Ready">From the start of the process until it is ready.</param>
/// <param name="FirstRequest">Latency of the first classification.</param>
/// <param name="SecondRequest">Latency of the second.</param>
internal sealed record HttpStart(int Cores, double Ready, double FirstRequest, double SecondRequest);

/// <summary>Resident memory of a server's processes, in MiB.</summary>
internal sealed record HttpMemory(string Contender, double Idle, double AfterLoad);

/// <summary>All results, as in the JSON file.</summary>
internal sealed record HttpResult(
    string Machine, IReadOnlyList<HttpCapacity> Capacity, IReadOnlyList<HttpPoint> Load, IReadOnlyList<HttpStart> Start, IReadOnlyList<HttpMemory> Memory)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
