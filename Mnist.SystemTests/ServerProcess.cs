using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mnist.Api.Controllers;

namespace Mnist.SystemTests;

/// <summary>The built server as a process, with exit code, signals and streams.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly List<string> _output = [];

    private ServerProcess(string[] command, string assembly, string url, string[] settings)
    {
        string dotnet = Environment.ProcessPath is { } path && path.EndsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet";
        string[] line = [.. command, dotnet, assembly, $"--urls={url}", .. settings];
        _process = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.BeginOutputReadLine();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public int Id => _process.Id;

    /// <summary>Memory that is not swapped out.</summary>
    public double ResidentMebibytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Files, sockets and pipes that the process has open.</summary>
    public int OpenFiles => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length;

    public int Threads => Directory.GetFileSystemEntries($"/proc/{Id}/task").Length;

    /// <summary>Whether SIGSTOP has arrived; proc_pid_status(5).</summary>
    public bool IsStopped => File.ReadLines($"/proc/{Id}/status").Any(line => line.StartsWith("State:\tT", StringComparison.Ordinal));

    /// <summary>Every line of standard output, each of which must be one JSON object.</summary>
    public IReadOnlyList<JsonElement> LogLines() =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    public static ServerProcess Start(string url, params string[] settings) => StartUnder([], url, settings);

    /// <summary>Starts the server through a command that replaces itself by its last arguments, as <c>env</c> does.</summary>
    public static ServerProcess StartUnder(string[] command, string url, params string[] settings) =>
        new(command, typeof(ClassifyController).Assembly.Location, url, settings);

    /// <summary>Starts another copy of the server.</summary>
    public static ServerProcess StartCopy(string assembly, string url, params string[] settings) => new([], assembly, url, settings);

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until the server is ready; fails if it has ended before.</summary>
    public async Task WaitUntilReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = address };
        while (true)
        {
            try
            {
                using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken);
                Assert.That((int)ready.StatusCode, Is.EqualTo(200));
                return;
            }
            catch (HttpRequestException)
            {
                Assert.That(_process.HasExited, Is.False, "the server ended before it was ready");
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until the process ends; returns exit code and standard error.</summary>
    public async Task<(int ExitCode, string Error)> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Remember(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? string.Empty);
        }
    }
}
