using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mnist.LoadTesting;

/// <summary>A kept connection with at most one request under way.</summary>
internal sealed class LoadConnection(IPEndPoint server) : IDisposable
{
    /// <summary>More than any answer of a right server.</summary>
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _received = new byte[LongestAnswer];
    private byte[] _request = [];
    private int _sent;
    private int _length;

    public Socket Socket { get; private set; } = Connect(server);

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
    /// <exception cref="IOException">The server broke the connection.</exception>
    public void Send()
    {
        _sent += Socket.Send(_request.AsSpan(_sent), SocketFlags.None, out var error);
        Require(error);
    }

    /// <summary>Takes what has arrived.</summary>
    /// <param name="body">The body of the answer, once it is whole; valid until the next request.</param>
    /// <returns>The answer's head; null while more must come.</returns>
    /// <exception cref="IOException">The server closed the connection instead of answering.</exception>
    public AnswerHead? Receive(out ReadOnlySpan<byte> body)
    {
        body = default;
        int count = Socket.Receive(_received.AsSpan(_length), SocketFlags.None, out var error);
        Require(error);
        if (error == SocketError.Success && count == 0)
        {
            throw new IOException($"The server closed a connection after {_length} bytes of an answer.");
        }

        _length += count;
        if (AnswerHead.TryRead(_received.AsSpan(0, _length)) is not { } head || _length < head.Length)
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

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <returns>The body.</returns>
    /// <exception cref="LoadTestException">The answer is not 200.</exception>
    /// <exception cref="IOException">The server closed the connection, or did not answer in time.</exception>
    public byte[] Ask(byte[] request, TimeSpan patience)
    {
        long started = Stopwatch.GetTimestamp();
        Start(0, request, due: 0);
        while (Stopwatch.GetElapsedTime(started) < patience)
        {
            Socket.Poll(Nap, IsSending ? SelectMode.SelectWrite : SelectMode.SelectRead);
            if (IsSending)
            {
                Send();
            }

            if (Receive(out var body) is { } head)
            {
                return head.Status == (int)HttpStatusCode.OK
                    ? body.ToArray()
                    : throw new LoadTestException($"The server answers {head.Status}: {Encoding.UTF8.GetString(body)}");
            }
        }

        throw new IOException($"The server did not answer within {patience.TotalSeconds} s.");
    }

    /// <summary>Gives up the request that is under way.</summary>
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

    private static void Require(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            throw new IOException("The server broke a connection.", new SocketException((int)error));
        }
    }
}
