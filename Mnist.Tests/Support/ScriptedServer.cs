using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Mnist.Tests.Support;

/// <summary>A request from the client. Requests are numbered from 0 in the order of their arrival.</summary>
internal sealed record ScriptedRequest(int Number, string RequestLine, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The image files, parsed without the client's own types.</summary>
    public byte[][] Images()
    {
        using var document = JsonDocument.Parse(Body);
        return [.. document.RootElement.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("image").GetBytesFromBase64())];
    }
}

/// <summary>The server's side of one connection; it can also send invalid responses.</summary>
internal sealed class ScriptedReply(Socket socket, CancellationToken stopping)
{
    public CancellationToken Stopping => stopping;

    public Task JsonAsync(int status, string json, params string[] headers)
        => RawAsync($"HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n"
            + string.Concat(headers.Select(header => header + "\r\n")) + $"Connection: close\r\n\r\n{json}");

    public Task RawAsync(string text) => RawAsync(Encoding.UTF8.GetBytes(text));

    public async Task RawAsync(ReadOnlyMemory<byte> bytes) => await socket.SendAsync(bytes, stopping);

    /// <summary>Classifies every image as its first byte modulo 10, so that tests can check the order.</summary>
    public Task EchoAsync(ScriptedRequest request) => JsonAsync(200, Responses(request.Images().Select(image => image[0] % 10)));

    /// <summary>Closes the connection with a TCP reset.</summary>
    public void Reset() => socket.LingerState = new LingerOption(enable: true, seconds: 0);

    /// <summary>Completes when the client has closed the connection.</summary>
    public async Task ClientGoneAsync()
    {
        try
        {
            await socket.ReceiveAsync(new byte[1], stopping);
        }
        catch (SocketException)
        {
            // The client closed the connection with a reset.
        }
    }

    /// <summary>A response in which each class has probability 0.5 and, with <paramref name="probabilities"/>, every other digit 0.05.</summary>
    public static string Responses(IEnumerable<int> classes, bool probabilities = false)
    {
        return $"{{\"responses\":[{string.Join(',', classes.Select(digit => $"{{\"class\":{digit},\"probability\":0.5{All(digit)}}}"))}]}}";

        string All(int digit) => probabilities ? $",\"probabilities\":[{string.Join(',', Enumerable.Range(0, 10).Select(other => other == digit ? "0.5" : "0.05"))}]" : string.Empty;
    }
}

/// <summary>An HTTP/1.1 server on a free loopback port. It runs the test's script for each request, then closes the connection.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port: 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ScriptedRequest> _requests = new();
    private readonly Func<ScriptedRequest, ScriptedReply, Task> _script;
    private readonly Task _accepting;
    private int _received;

    public ScriptedServer(Func<ScriptedRequest, ScriptedReply, Task> script)
    {
        _script = script;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}/");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public IReadOnlyList<ScriptedRequest> Requests => [.. _requests.OrderBy(request => request.Number)];

    /// <summary>An address on which no server listens.</summary>
    public static Uri ClosedAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}/");
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var request = await ReadAsync(socket);
                _requests.Enqueue(request);
                await _script(request, new ScriptedReply(socket, _stopping.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or EndOfStreamException)
            {
                // The client closed the connection, or the test is over.
            }
        }
    }

    private async Task<ScriptedRequest> ReadAsync(Socket socket)
    {
        byte[] buffer = new byte[4 * 1024 * 1024];
        int length = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), _stopping.Token);
            length += read > 0 ? read : throw new EndOfStreamException();
            int head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            string[] lines = Encoding.ASCII.GetString(buffer, 0, head).Split("\r\n");
            var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
            int body = head + 4;
            int bodyLength = int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture);
            if (length - body >= bodyLength)
            {
                return new ScriptedRequest(Interlocked.Increment(ref _received) - 1, lines[0], headers, buffer[body..(body + bodyLength)]);
            }
        }
    }
}
