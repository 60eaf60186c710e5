using System.Text.Json;
using System.Text.Json.Serialization;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Http;

/// <summary>Images a second that each can do at most with a number of images a request, on one core; medians of the rounds.</summary>
/// <param name="Images">Images of a request.</param>
/// <param name="Server">The service.</param>
/// <param name="Constant">The least server there can be, which answers a constant.</param>
/// <param name="InProcess">Decoding and the engine, without HTTP and JSON.</param>
/// <param name="Flask">Flask, gunicorn, Pillow and PyTorch; null where they are not installed.</param>
internal sealed record HttpCapacity(int Images, double Server, double Constant, double InProcess, double? Flask)
{
    /// <summary>What the service costs beside reading and writing: its speed by the constant's.</summary>
    public double OfConstant => Server / Constant;

    /// <summary>What HTTP and JSON cost beside the work: the service's speed by that of the same work without them.</summary>
    public double OfInProcess => Server / InProcess;

    public double? ToFlask => Server / Flask;
}

/// <summary>One server under one load in an open loop.</summary>
/// <param name="Contender">Which.</param>
/// <param name="Images">Images of a request.</param>
/// <param name="Load">Requests a second by the contender's own capacity.</param>
/// <param name="Goodput">Images a second that were answered rightly.</param>
/// <param name="P50">Milliseconds from the moment a request was due to its answer; null where nothing was answered.</param>
/// <param name="P99">Likewise.</param>
/// <param name="P999">Likewise.</param>
/// <param name="Refused">Share of the requests that were refused or found no free connection.</param>
internal sealed record HttpPoint(string Contender, int Images, double Load, double Goodput, double? P50, double? P99, double? P999, double Refused)
{
    public static HttpPoint Of(string contender, int images, double load, LoadOutcome outcome) => new(
        contender,
        images,
        load,
        outcome.Goodput * images,
        Milliseconds(outcome, 50),
        Milliseconds(outcome, 99),
        Milliseconds(outcome, 99.9),
        outcome.RefusedShare);

    private static double? Milliseconds(LoadOutcome outcome, double percent) => outcome.Milliseconds(percent) is var value && double.IsNaN(value) ? null : value;
}

/// <summary>A start of the service, medians of several; milliseconds.</summary>
/// <param name="Cores">Cores it may use.</param>
/// <param name="Ready">From the start of the process until readiness is answered.</param>
/// <param name="FirstRequest">The first classification.</param>
/// <param name="SecondRequest">The one after it.</param>
internal sealed record HttpStart(int Cores, double Ready, double FirstRequest, double SecondRequest);

/// <summary>Resident memory of a server's processes, in MiB.</summary>
internal sealed record HttpMemory(string Contender, double Idle, double AfterLoad);

/// <summary>All that was measured, as it is published.</summary>
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
