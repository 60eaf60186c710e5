using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mnist.LoadTesting;

/// <summary>
/// Sends requests and checks every answer, on one thread. In an open loop a request is sent when it is due, whatever has become of those before,
/// and its latency counts from then: a server that stalls is not excused from the requests that it kept from being sent.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    /// <summary>How long a client waits after the last request was due, in seconds: the server's own default deadline.</summary>
    public const double Patience = 2;

    /// <summary>As many requests can be under way. One that finds all connections busy is lost, as a server that is full loses it.</summary>
    public const int Connections = 256;

    /// <summary>Waking up takes its time: the last moment before a request is due is spent awake, in seconds.</summary>
    private const double Awake = 1e-3;

    /// <summary>Nothing waits longer, so that a cancellation is soon seen; seconds.</summary>
    private const double LongestPause = 0.05;

    private readonly IReadOnlyList<byte[]> _requests;
    private readonly IReadOnlyList<byte[]> _answers;
    private readonly IPEndPoint _server;
    private readonly Stack<LoadConnection> _idle = [];
    private readonly LoadConnection[] _busy;
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _writable = [];
    private int _busyCount;
    private LoadTally _tally = new();

    /// <param name="server">Where it listens.</param>
    /// <param name="requests">Whole HTTP requests, sent in turn.</param>
    /// <param name="answers">The body that each must get.</param>
    /// <param name="connections">The most connections; one is opened when a request is due and all others are busy.</param>
    public LoadGenerator(IPEndPoint server, IReadOnlyList<byte[]> requests, IReadOnlyList<byte[]> answers, int connections = Connections)
    {
        _requests = requests;
        _answers = answers;
        _server = server;
        _busy = new LoadConnection[connections];
    }

    /// <summary>Whether others, such as the server, need the core that this runs on. Then it sleeps while it waits, and waking up adds to latencies.</summary>
    public bool SharesCore { get; init; }

    /// <summary>A closed loop: every connection sends its next request when it has its answer. Tells what a server can do at most.</summary>
    /// <exception cref="InvalidDataException">The server speaks another protocol.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public LoadOutcome RunClosed(double seconds, CancellationToken cancellationToken = default) => Run(null, seconds, cancellationToken);

    /// <summary>An open loop.</summary>
    /// <param name="arrivals">When each request is due, in seconds, ascending.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <param name="cancellationToken">Ends it without an outcome.</param>
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
        while (now < seconds || due < arrivals?.Length || (_busyCount > 0 && now < seconds + Patience))
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
            Serve(started, seconds, SharesCore ? Math.Clamp(next - now - Awake, 0, LongestPause) : 0);
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
            Break(_busyCount - 1, exception);
        }

        return true;
    }

    /// <summary>Takes and checks what has arrived.</summary>
    /// <param name="started">The run's start.</param>
    /// <param name="seconds">The length of its schedule.</param>
    /// <param name="pause">How long it may wait for something to arrive, in seconds.</param>
    private void Serve(long started, double seconds, double pause)
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
            Socket.Select(_readable, _writable, null, TimeSpan.FromSeconds(pause));
        }
        else
        {
            Thread.Sleep(TimeSpan.FromSeconds(pause));
        }

        if (_readable.Count + _writable.Count == 0)
        {
            Thread.Yield();
        }

        // Backwards: the last one takes the place of one that is released. What Select leaves in the lists keeps its order.
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
                Break(i, exception);
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

    private void Check(LoadConnection connection, AnswerHead head, ReadOnlySpan<byte> body, double now, double seconds)
    {
        byte[] expected = _answers[connection.Request];
        double latency = now - connection.Due;
        if (head.Status == (int)HttpStatusCode.OK && body.SequenceEqual(expected))
        {
            _tally.AddRight(latency, now <= seconds, head.ServerTime);
        }
        else
        {
            _tally.AddFault(head, latency);
            if (!LoadOutcome.IsRefusal(head.Status))
            {
                _tally.FirstFault ??=
                    $"request {connection.Request} got {head.Status} '{Encoding.UTF8.GetString(body)}', expected '{Encoding.UTF8.GetString(expected)}'";
            }
        }
    }

    /// <summary>A request whose connection ended instead of bringing an answer.</summary>
    private void Break(int index, IOException exception)
    {
        _tally.AddBroken();
        _tally.FirstFault ??= exception.Message;
        _busy[index].Reconnect();
        Release(index);
    }

    private void Release(int index)
    {
        _idle.Push(_busy[index]);
        _busy[index] = _busy[--_busyCount];
    }
}
