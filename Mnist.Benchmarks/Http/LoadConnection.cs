using System.Net;
using System.Net.Sockets;

namespace Mnist.Benchmarks.Http;

/// <summary>A kept connection with at most one request under way. Nothing here waits.</summary>
internal sealed class LoadConnection(IPEndPoint server) : IDisposable
{
    /// <summary>More than any answer of a right server.</summary>
    private const int LongestAnswer = 64 * 1024;

    private readonly byte[] _received = new byte[LongestAnswer];
    private Socket _socket = Connect(server);
    private byte[] _request = [];
    private int _sent;
    private int _length;

    public int Descriptor => (int)_socket.Handle;

    /// <summary>Whether a part of the request waits for the server to read what came before.</summary>
    public bool IsSending => _sent < _request.Length;

    /// <summary>Which request is under way.</summary>
    public int Request { get; private set; }

    /// <summary>When it was due, in seconds from the start: latency counts from there, however late it was sent.</summary>
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

    /// <summary>Sends as much as the system takes.</summary>
    public void Send()
    {
        _sent += _socket.Send(_request.AsSpan(_sent), SocketFlags.None, out var error);
        Require(error);
    }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="body">The body of the answer, once it is whole; valid until the next request.</param>
    /// <returns>The answer's status; 0 while more must come.</returns>
    /// <exception cref="IOException">The server closed the connection instead of answering.</exception>
    public int Receive(out ReadOnlySpan<byte> body)
    {
        body = default;
        int count = _socket.Receive(_received.AsSpan(_length), SocketFlags.None, out var error);
        Require(error);
        if (error == SocketError.Success && count == 0)
        {
            throw new IOException($"The server closed a connection after {_length} bytes of an answer.");
        }

        _length += count;
        if (AnswerHead.TryRead(_received.AsSpan(0, _length)) is not { } head || _length < head.Length)
        {
            return 0;
        }

        body = _received.AsSpan(head.BodyStart, head.BodyLength);
        if (head.Closes)
        {
            Reconnect();
        }

        return head.Status;
    }

    /// <summary>Gives up the request that is under way.</summary>
    public void Reconnect()
    {
        _socket.Dispose();
        _socket = Connect(server);
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server);
        socket.Blocking = false;
        return socket;
    }

    private static void Require(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            throw new SocketException((int)error);
        }
    }
}
