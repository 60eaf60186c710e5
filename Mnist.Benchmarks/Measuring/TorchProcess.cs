using System.Diagnostics;
using System.Text.Json;

namespace Mnist.Benchmarks.Measuring;

/// <summary>A Python process with PyTorch that answers one line of JSON with another. It is idle while others are measured.</summary>
internal sealed class TorchProcess : IDisposable
{
    /// <summary>Debian's Python, for its package python3-torch.</summary>
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;

    private TorchProcess(Process process)
    {
        _process = process;
        Version = ReadResponse().GetProperty("version").GetString()!;
    }

    public string Version { get; }

    /// <summary>Starts a script in the folder <c>peers</c>, or prints why it cannot.</summary>
    /// <param name="script">File name.</param>
    /// <param name="threads">Number of PyTorch threads.</param>
    /// <param name="core">Core to bind the process to; null: not bound.</param>
    /// <param name="output">Receives the reason.</param>
    /// <returns>Null if PyTorch is not installed.</returns>
    /// <exception cref="IOException">The script failed.</exception>
    public static TorchProcess? TryStart(string script, int threads, int? core, TextWriter output)
    {
        if (!HasModule("torch"))
        {
            output.WriteLine($"PyTorch is skipped: {Python} has no module torch (on Debian: apt-get install python3-torch).");
            return null;
        }

        string path = Path.Combine(AppContext.BaseDirectory, "peers", script);
        return new TorchProcess(Process.Start(new ProcessStartInfo(Python, ["-B", path, $"{threads}", $"{core ?? -1}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>Calls a function of the script.</summary>
    /// <param name="request">An object: its member <c>command</c> names the function, the others are its arguments.</param>
    /// <exception cref="IOException">The script failed; its messages are on the error stream.</exception>
    public JsonElement Call(object request)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(request));
        return ReadResponse();
    }

    /// <summary>Whether Debian's Python has a module.</summary>
    public static bool HasModule(string name)
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var process = Process.Start(Python, ["-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{name}') is None)"]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    public void Dispose()
    {
        // The script exits at the end of its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private JsonElement ReadResponse() => _process.StandardOutput.ReadLine() is { } line
        ? JsonSerializer.Deserialize<JsonElement>(line)
        : throw new IOException("The PyTorch process exited; see its messages above.");
}
