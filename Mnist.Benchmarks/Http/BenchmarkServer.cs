using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mnist.LoadTesting;

namespace Mnist.Benchmarks.Http;

/// <summary>A server in a process of its own, on a free port, its standard output thrown away.</summary>
internal sealed class BenchmarkServer : IDisposable
{
    private const int PollMilliseconds = 1;

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

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

    /// <summary>Starts a program; it inherits the core that the calling thread is bound to.</summary>
    /// <param name="program">File name, and arguments in which <c>{port}</c> stands for the port.</param>
    /// <exception cref="IOException">The server ended, or does not answer.</exception>
    public static BenchmarkServer Start(params string[] program)
    {
        int port = FreePort();
        string[] command = [.. program.Select(word => word.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))];

        // The shell becomes the program: the output is opened, not copied by this process.
        long started = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" > /dev/null", "sh", .. command]))!;
        return new BenchmarkServer(process, port, started);
    }

    /// <summary>Waits until the server takes requests.</summary>
    /// <returns>Seconds since the process was started.</returns>
    public double WaitUntilReady()
    {
        while (!IsReady())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(_started) > LongestStart)
            {
                throw new IOException($"The server {_process.StartInfo.ArgumentList[3]} is not ready; its last words are above.");
            }

            Thread.Sleep(PollMilliseconds);
        }

        return Stopwatch.GetElapsedTime(_started).TotalSeconds;
    }

    /// <summary>Sends a request as any client would.</summary>
    /// <returns>The body of the answer.</returns>
    /// <exception cref="IOException">The answer is not 200.</exception>
    public byte[] Ask(byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, DigitRequests.Path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = _client.Send(request);
        using var answer = new MemoryStream();
        response.Content.ReadAsStream().CopyTo(answer);
        return response.StatusCode == HttpStatusCode.OK
            ? answer.ToArray()
            : throw new IOException($"The server answers {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(answer.ToArray())}");
    }

    /// <summary>Bytes of memory that the process and its children have at the moment.</summary>
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
