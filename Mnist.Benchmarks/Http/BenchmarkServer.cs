using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mnist.LoadTesting.Http;

namespace Mnist.Benchmarks.Http;

/// <summary>A server in its own process, on a free port, with its standard output discarded.</summary>
internal sealed class BenchmarkServer : IDisposable
{
    private const int PollMilliseconds = 1;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly long _started;

    private BenchmarkServer(Process process, int port, long started)
    {
        _process = process;
        _started = started;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
        _client = new HttpClient { BaseAddress = new Uri($"http://{EndPoint}") };
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Starts a program. It inherits the cores to which the calling thread is bound.</summary>
    /// <param name="program">File name and arguments; <c>{port}</c> is replaced by the port.</param>
    public static BenchmarkServer Start(params string[] program)
    {
        int port = FreePort();
        string[] command = [.. program.Select(word => word.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))];

        // The shell redirects the output, so this process need not copy it; exec replaces the shell by the program.
        long started = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > /dev/null", "sh", .. command]))!;
        return new BenchmarkServer(process, port, started);
    }

    /// <summary>Waits until the server is ready.</summary>
    /// <returns>Seconds since the start of the process.</returns>
    /// <exception cref="IOException">The server exited or timed out.</exception>
    public double WaitUntilReady()
    {
        while (!IsReady())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(_started) > StartTimeout)
            {
                throw new IOException($"The server {_process.StartInfo.ArgumentList[3]} did not become ready; see its messages above.");
            }

            Thread.Sleep(PollMilliseconds);
        }

        return Stopwatch.GetElapsedTime(_started).TotalSeconds;
    }

    /// <summary>Sends a request with <see cref="HttpClient"/>.</summary>
    /// <returns>The body of the response.</returns>
    /// <exception cref="IOException">The status is not 200.</exception>
    public byte[] Post(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, DigitRequests.Path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = _client.Send(request);
        using var content = new MemoryStream();
        response.Content.ReadAsStream().CopyTo(content);
        return response.StatusCode == HttpStatusCode.OK
            ? content.ToArray()
            : throw new IOException($"The server answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(content.ToArray())}");
    }

    /// <summary>Resident memory of the process and its children, in bytes.</summary>
    public long ResidentBytes() => ResidentBytes(_process.Id);

    public void Dispose()
    {
        _client.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static long ResidentBytes(int process)
    {
        using var one = Process.GetProcessById(process);
        string children = File.ReadAllText($"/proc/{process}/task/{process}/children");
        return one.WorkingSet64
            + children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(child => ResidentBytes(int.Parse(child, CultureInfo.InvariantCulture)));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private bool IsReady()
    {
        try
        {
            using var response = _client.Send(new HttpRequestMessage(HttpMethod.Get, "/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
