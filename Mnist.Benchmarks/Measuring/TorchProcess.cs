using System.Diagnostics;
using System.Text.Json;

namespace Mnist.Benchmarks.Measuring;

/// <summary>A Python process with PyTorch, driven by a line of JSON a request: it rests while others are measured.</summary>
internal sealed class TorchProcess : IDisposable
{
    /// <summary>Debian's: its package python3-torch is the peer.</summary>
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;

    private TorchProcess(Process process)
    {
        _process = process;
        Version = Answer().GetProperty("version").GetString()!;
    }

    public string Version { get; }

    /// <summary>Starts a script of the folder <c>peers</c>, or says why not.</summary>
    /// <param name="script">File name.</param>
    /// <param name="threads">Threads that PyTorch may use.</param>
    /// <param name="core">Core that the process is bound to; null for all.</param>
    /// <param name="output">Where the reason is told.</param>
    /// <returns>Null where PyTorch is not installed.</returns>
    /// <exception cref="IOException">The script failed.</exception>
    public static TorchProcess? TryStart(string script, int threads, int? core, TextWriter output)
    {
        if (!HasModule("torch"))
        {
            output.WriteLine($"PyTorch is left out: {Python} has no module torch (on Debian, apt-get install python3-torch).");
            return null;
        }

        string path = Path.Combine(AppContext.BaseDirectory, "peers", script);
        return new TorchProcess(Process.Start(new ProcessStartInfo(Python, ["-B", path, $"{threads}", $"{core ?? -1}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="request">An object whose member <c>command</c> names the script's function; the others are its arguments.</param>
    /// <exception cref="IOException">The script failed; it has said why on the error stream.</exception>
    public JsonElement Ask(object request)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(request));
        return Answer();
    }

    /// <summary>Whether Debian's Python finds a module.</summary>
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
        // The script ends with its input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private JsonElement Answer() => _process.StandardOutput.ReadLine() is { } line
        ? JsonSerializer.Deserialize<JsonElement>(line)
        : throw new IOException("PyTorch's process ended; its last words are above.");
}
