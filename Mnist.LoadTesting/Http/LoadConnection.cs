using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mnist.LoadTesting.Http;

/// <summary>A non-blocking keep-alive connection with at most one request in flight.</summary>
internal sealed class LoadConnection(IPEndPoint server) : IDisposable
{
    /// <summary>In bytes; larger than any valid response.</summary>
    private const int MaxResponseLength = 64 * 1024;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _received = new byte[MaxResponseLength];
    private byte[] _request = [];
    private int _sent;
    private int _length;

    public Socket Socket { get; private set; } = Connect(server);

    /// <summary>Whether part of the request is still to be sent, because the socket's buffer is full.</summary>
    public bool IsSending => _sent < _request.Length;

    /// <summary>Index of the request in flight.</summary>
    public int Request { get; private set; }

    /// <summary>When the request was due, in seconds from the start of the run. Latency counts from there, even if the request was sent later.</summary>
    public double Due { get; private set; }

    public void Start(int request, byte[] bytes, double due)
    {
        Request = request;
        Due = due;
        _request = bytes;
        _sent = 0;
        _length = 0;
        Send();
    }

    /// <summary>Sends as much of the request as the socket's buffer takes.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public void Send()
    {
        _sent += Socket.Send(_request.AsSpan(_sent), SocketFlags.None, out var error);
        ThrowIfBroken(error);
    }

    /// <summary>Reads what has arrived.</summary>
    /// <param name="body">The body of the complete response; valid until the next request.</param>
    /// <returns>The head of the response; null while the response is incomplete.</returns>
    /// <exception cref="IOException">The server closed the connection before the end of the response.</exception>
    /// <exception cref="InvalidDataException">The response is not HTTP/1.1, or has no Content-Length.</exception>
    public ResponseHead? Receive(out ReadOnlySpan<byte> body)
    {
        body = default;
        int count = Socket.Receive(_received.AsSpan(_length), SocketFlags.None, out var error);
        ThrowIfBroken(error);
        if (error == SocketError.Success && count == 0)
        {
            throw new IOException($"The server closed a connection after {_length} bytes of a response.");
        }

        _length += count;
        if (ResponseHead.TryRead(_received.AsSpan(0, _length)) is not { } head || _length < head.Length)
        {
            return null;
        }

        body = _received.AsSpan(head.BodyStart, head.BodyLength);
        if (head.Closes || IsSending)
        {
            Reconnect();
        }

        return head;
    }

    /// <summary>Sends a request and waits for the response.</summary>
    /// <returns>Status and body.</returns>
    /// <exception cref="IOException">The server closed the connection or timed out.</exception>
    public (int Status, byte[] Body) Exchange(byte[] request, TimeSpan timeout)
    {
        long started = Stopwatch.GetTimestamp();
        Start(0, request, due: 0);
        while (Stopwatch.GetElapsedTime(started) < timeout)
        {
            Socket.Poll(PollInterval, IsSending ? SelectMode.SelectWrite : SelectMode.SelectRead);
            if (IsSending)
            {
                Send();
            }

            if (Receive(out var body) is { } head)
            {
                return (head.Status, body.ToArray());
            }
        }

        throw new IOException($"The server did not respond within {timeout.TotalSeconds} s.");
    }

    /// <summary>Abandons the request in flight.</summary>
    public void Reconnect()
    {
        Socket.Dispose();
        Socket = Connect(server);
    }

    public void Dispose() => Socket.Dispose();

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        socket.Blocking = false;
        return socket;
    }

    private static void ThrowIfBroken(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            throw new IOException("A connection to the server broke.", new SocketException((int)error));
        }
    }
}
