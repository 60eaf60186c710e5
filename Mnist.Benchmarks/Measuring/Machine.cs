namespace Mnist.Benchmarks.Measuring;

/// <summary>Describes the machine and the date of a measurement.</summary>
internal static class Machine
{
    public static string Describe() => $"{CpuName()}, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}";

    /// <summary>Name, family and model, because virtual machines often give several CPU generations the same name.</summary>
    private static string CpuName()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string[] firstCore = File.Exists(CpuInfo) ? [.. File.ReadLines(CpuInfo).TakeWhile(line => line.Length > 0)] : [];
        return Field("model name") is { } name ? $"{name} (family {Field("cpu family")}, model {Field("model")})" : "unknown CPU";

        string? Field(string key) => firstCore
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(field => field.Length == 2 && field[0] == key)?[1];
    }
}
