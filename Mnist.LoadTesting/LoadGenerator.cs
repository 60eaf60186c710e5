using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mnist.LoadTesting.Http;

namespace Mnist.LoadTesting;

/// <summary>
/// Sends requests and checks every response, on one thread. In an open loop a request is sent when it is due, even if earlier ones have no response yet.
/// Latency counts from the time when the request was due, so a stall of the server counts for every request that it delays.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    /// <summary>How long responses are awaited after the end of the schedule, in seconds: the server's default deadline.</summary>
    public const double TimeoutSeconds = 2;

    /// <summary>Default limit of the requests in flight. A request that is due while all connections are busy counts as lost.</summary>
    public const int MaxConnections = 256;

    /// <summary>The thread stops sleeping so long before a request is due, because waking up takes time; seconds.</summary>
    private const double SpinSeconds = 1e-3;

    /// <summary>Longest sleep in seconds: limits the delay of a cancellation.</summary>
    private const double MaxSleepSeconds = 0.05;

    private readonly IReadOnlyList<byte[]> _requests;
    private readonly IReadOnlyList<byte[]> _responses;
    private readonly IPEndPoint _server;
    private readonly Stack<LoadConnection> _idle = [];
    private readonly LoadConnection[] _busy;
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];
    private int _busyCount;
    private LoadTally _tally = new();

    /// <param name="server">The server's address.</param>
    /// <param name="requests">Whole HTTP messages, sent in turn.</param>
    /// <param name="responses">The correct response body of each request.</param>
    /// <param name="connections">The most connections. One is opened when a request is due and all others are busy.</param>
    public LoadGenerator(IPEndPoint server, IReadOnlyList<byte[]> requests, IReadOnlyList<byte[]> responses, int connections = MaxConnections)
    {
        _requests = requests;
        _responses = responses;
        _server = server;
        _busy = new LoadConnection[connections];
    }

    /// <summary>Whether other threads, such as the server's, need this thread's core. If so, it sleeps instead of spinning, which adds its wake-up time to the latencies.</summary>
    public bool SharesCore { get; init; }

    /// <summary>Runs a closed loop, which measures capacity: every connection sends its next request when it has received a response.</summary>
    /// <exception cref="InvalidDataException">A response is not HTTP/1.1, or has no Content-Length.</exception>
    /// <exception cref="SocketException">The server cannot be reached.</exception>
    public LoadOutcome RunClosed(double seconds, CancellationToken cancellationToken = default) => Run(null, seconds, cancellationToken);

    /// <summary>Runs an open loop.</summary>
    /// <param name="arrivals">When each request is due: seconds from the start, ascending.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <param name="cancellationToken">Ends the run without an outcome.</param>
    /// <inheritdoc cref="RunClosed" path="/exception"/>
    public LoadOutcome RunOpen(double[] arrivals, double seconds, CancellationToken cancellationToken = default) => Run(arrivals, seconds, cancellationToken);

    public void Dispose()
    {
        foreach (var connection in _idle.Concat(_busy.Take(_busyCount)))
        {
            connection.Dispose();
        }
    }

    private LoadOutcome Run(double[]? arrivals, double seconds, CancellationToken cancellationToken)
    {
        _tally = new LoadTally();
        int due = 0;
        long started = Stopwatch.GetTimestamp();
        double now = 0;
        while (now < seconds || due < arrivals?.Length || (_busyCount > 0 && now < seconds + TimeoutSeconds))
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (arrivals is not null && due < arrivals.Length && arrivals[due] <= now)
            {
                _tally.Lost += TryStart(due, arrivals[due]) ? 0 : 1;
                due++;
            }

            while (arrivals is null && now < seconds && TryStart(due, now))
            {
                due++;
            }

            double next = arrivals is not null && due < arrivals.Length ? arrivals[due] : double.PositiveInfinity;
            ReceiveResponses(started, seconds, SharesCore ? Math.Clamp(next - now - SpinSeconds, 0, MaxSleepSeconds) : 0);
            now = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        _tally.Unanswered = _busyCount;
        while (_busyCount > 0)
        {
            _busy[_busyCount - 1].Reconnect();
            Release(_busyCount - 1);
        }

        return _tally.ToOutcome(seconds, due);
    }

    private bool TryStart(int number, double due)
    {
        if (_busyCount == _busy.Length)
        {
            return false;
        }

        var connection = _idle.TryPop(out var idle) ? idle : new LoadConnection(_server);
        int request = number % _requests.Count;
        _busy[_busyCount++] = connection;
        try
        {
            connection.Start(request, _requests[request], due);
        }
        catch (IOException exception)
        {
            RecordBroken(_busyCount - 1, exception);
        }

        return true;
    }

    /// <summary>Continues pending sends, and checks the responses that have arrived.</summary>
    /// <param name="started">Start of the run, as a timestamp.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <param name="maxWait">Longest wait for a socket to become ready, in seconds.</param>
    private void ReceiveResponses(long started, double seconds, double maxWait)
    {
        _readable.Clear();
        _writable.Clear();
        foreach (var connection in _busy.AsSpan(0, _busyCount))
        {
            _readable.Add(connection.Socket);
            if (connection.IsSending)
            {
                _writable.Add(connection.Socket);
            }
        }

        if (_busyCount > 0)
        {
            Socket.Select(_readable, _writable, null, TimeSpan.FromSeconds(maxWait));
        }
        else
        {
            Thread.Sleep(TimeSpan.FromSeconds(maxWait));
        }

        if (_readable.Count + _writable.Count == 0)
        {
            Thread.Yield();
        }

        // Backwards, because Release moves the last connection to the released index. Select keeps the order of the lists.
        for (int i = _busyCount - 1; i >= 0; i--)
        {
            var connection = _busy[i];
            var socket = connection.Socket;
            try
            {
                if (TakeLast(_writable, socket))
                {
                    connection.Send();
                }

                if (TakeLast(_readable, socket) && connection.Receive(out var body) is { } head)
                {
                    Check(connection, head, body, Stopwatch.GetElapsedTime(started).TotalSeconds, seconds);
                    Release(i);
                }
            }
            catch (IOException exception)
            {
                RecordBroken(i, exception);
            }
        }
    }

    private static bool TakeLast(List<Socket> sockets, Socket socket)
    {
        bool found = sockets.Count > 0 && ReferenceEquals(sockets[^1], socket);
        if (found)
        {
            sockets.RemoveAt(sockets.Count - 1);
        }

        return found;
    }

    private void Check(LoadConnection connection, ResponseHead head, ReadOnlySpan<byte> body, double now, double seconds)
    {
        byte[] expected = _responses[connection.Request];
        double latency = now - connection.Due;
        if (head.Status == (int)HttpStatusCode.OK && body.SequenceEqual(expected))
        {
            _tally.AddCorrect(latency, now <= seconds, head.ServerTime);
        }
        else
        {
            _tally.AddError(head, latency);
            if (!LoadOutcome.IsRejection(head.Status))
            {
                _tally.FirstError ??=
                    $"request {connection.Request} got {head.Status} '{Encoding.UTF8.GetString(body)}', expected '{Encoding.UTF8.GetString(expected)}'";
            }
        }
    }

    /// <summary>Counts a request whose connection broke, and reconnects.</summary>
    private void RecordBroken(int index, IOException exception)
    {
        _tally.AddBroken();
        _tally.FirstError ??= exception.Message;
        _busy[index].Reconnect();
        Release(index);
    }

    private void Release(int index)
    {
        _idle.Push(_busy[index]);
        _busy[index] = _busy[--_busyCount];
    }
}
