using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Mnist.Tests.Support;

/// <summary>A connection on which any bytes can be sent, and that reads answers as RFC 9112 frames them. For one caller at a time.</summary>
internal sealed class WireConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private WireConnection(Socket socket) => _socket = socket;

    private ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    public static async Task<WireConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellationToken);
            return new WireConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends all, or as much as the server takes before it answers and closes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
            }
        }
        catch (SocketException)
        {
            // What the server thought of it is in its answer.
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes as a crashed client does: with a reset.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>The next answer; null when the server has closed the connection before it began.</summary>
    /// <exception cref="IOException">The answer was cut off.</exception>
    public async Task<WireAnswer?> ReadAsync(CancellationToken cancellationToken)
    {
        int headLength;
        while ((headLength = Received.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await ReceiveAsync(cancellationToken))
            {
                return Received.IsEmpty ? null : throw new IOException($"The connection ended after {Received.Length} bytes of an answer's head.");
            }
        }

        string head = Encoding.Latin1.GetString(Received[..(headLength + 2)]);
        _start += headLength + 4;
        int status = int.Parse(head.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        var answer = new WireAnswer(status, head, []);
        return status < 200 ? answer : answer with { Body = await ReadBodyAsync(answer, cancellationToken) };
    }

    /// <summary>Whether the server has closed the connection, and has sent nothing more before.</summary>
    public async Task<bool> IsClosedAsync(CancellationToken cancellationToken) => Received.IsEmpty && !await ReceiveAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReadBodyAsync(WireAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Header("Content-Length") is { } length)
        {
            return await TakeAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        var body = new List<byte>();
        if (answer.Header("Transfer-Encoding") is null)
        {
            do
            {
                body.AddRange(Received);
                _start = _end;
            }
            while (await ReceiveAsync(cancellationToken));
            return [.. body];
        }

        for (int size = -1; size != 0;)
        {
            size = int.Parse(await TakeLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.AddRange(await TakeAsync(size, cancellationToken));
            await TakeAsync("\r\n".Length, cancellationToken);
        }

        return [.. body];
    }

    private async Task<string> TakeLineAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = Received.IndexOf("\r\n"u8)) < 0)
        {
            await ReceiveMoreAsync(cancellationToken);
        }

        string line = Encoding.Latin1.GetString(Received[..length]);
        _start += length + 2;
        return line;
    }

    private async Task<byte[]> TakeAsync(int count, CancellationToken cancellationToken)
    {
        while (Received.Length < count)
        {
            await ReceiveMoreAsync(cancellationToken);
        }

        byte[] taken = Received[..count].ToArray();
        _start += count;
        return taken;
    }

    private async Task ReceiveMoreAsync(CancellationToken cancellationToken)
    {
        if (!await ReceiveAsync(cancellationToken))
        {
            throw new IOException("The connection ended in the body of an answer.");
        }
    }

    /// <summary>False when the server has closed the connection, by whatever means.</summary>
    private async Task<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Received.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            int count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count;
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>An answer as it came.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">The content, without its framing.</param>
internal sealed record WireAnswer(int Status, string Head, byte[] Body)
{
    /// <summary>Whether the server says that it closes the connection.</summary>
    public bool Closes => Header("Connection") == "close";

    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name)
    {
        string start = $"\r\n{name}: ";
        int index = Head.IndexOf(start, StringComparison.OrdinalIgnoreCase);
        return index < 0 ? null : Head[(index + start.Length)..Head.IndexOf("\r\n", index + 2, StringComparison.Ordinal)];
    }
}
