using System.Diagnostics;
using System.Net;

namespace Mnist.Benchmarks.Http;

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

    private readonly IReadOnlyList<byte[]> _requests;
    private readonly IReadOnlyList<byte[]> _answers;
    private readonly IPEndPoint _server;
    private readonly Stack<LoadConnection> _idle = [];
    private readonly LoadConnection[] _busy;
    private readonly PollEntry[] _entries;
    private readonly List<double> _latencies = [];
    private int _busyCount;
    private int _inTime;
    private int _refused;

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
        _entries = new PollEntry[connections];
    }

    /// <summary>A closed loop: every connection sends its next request when it has its answer. Tells what a server can do at most.</summary>
    /// <exception cref="InvalidDataException">An answer was wrong.</exception>
    public LoadOutcome RunClosed(double seconds) => Run(null, seconds);

    /// <summary>An open loop.</summary>
    /// <param name="arrivals">When each request is due, in seconds, ascending.</param>
    /// <param name="seconds">Length of the schedule.</param>
    /// <exception cref="InvalidDataException">An answer was wrong.</exception>
    public LoadOutcome RunOpen(double[] arrivals, double seconds) => Run(arrivals, seconds);

    public void Dispose()
    {
        foreach (var connection in _idle.Concat(_busy.Take(_busyCount)))
        {
            connection.Dispose();
        }
    }

    private LoadOutcome Run(double[]? arrivals, double seconds)
    {
        _latencies.Clear();
        _inTime = _refused = 0;
        int due = 0;
        int lost = 0;
        long started = Stopwatch.GetTimestamp();
        double now = 0;
        while (now < seconds || (_busyCount > 0 && now < seconds + Patience))
        {
            while (arrivals is not null && due < arrivals.Length && arrivals[due] <= now)
            {
                lost += TryStart(due, arrivals[due]) ? 0 : 1;
                due++;
            }

            while (arrivals is null && now < seconds && TryStart(due, now))
            {
                due++;
            }

            Serve(started, seconds);
            now = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        int unanswered = _busyCount;
        while (_busyCount > 0)
        {
            _busy[_busyCount - 1].Reconnect();
            Release(_busyCount - 1);
        }

        return new LoadOutcome(seconds, due, _inTime, _refused, lost, unanswered, [.. _latencies]);
    }

    private bool TryStart(int number, double due)
    {
        if (_busyCount == _busy.Length)
        {
            return false;
        }

        var connection = _idle.TryPop(out var idle) ? idle : new LoadConnection(_server);
        int request = number % _requests.Count;
        connection.Start(request, _requests[request], due);
        _busy[_busyCount++] = connection;
        return true;
    }

    /// <summary>Takes and checks what has arrived.</summary>
    private void Serve(long started, double seconds)
    {
        for (int i = 0; i < _busyCount; i++)
        {
            short events = _busy[i].IsSending ? (short)(Polling.In | Polling.Out) : Polling.In;
            _entries[i] = new PollEntry { Descriptor = _busy[i].Descriptor, Events = events };
        }

        if (_busyCount == 0 || Polling.Ask(_entries, _busyCount) <= 0)
        {
            return;
        }

        // Backwards: the last one takes the place of one that is released.
        for (int i = _busyCount - 1; i >= 0; i--)
        {
            if ((_entries[i].Returned & Polling.Out) != 0)
            {
                _busy[i].Send();
            }

            if ((_entries[i].Returned & ~Polling.Out) != 0 && _busy[i].Receive(out var body) is var status and not 0)
            {
                Check(_busy[i], status, body, Stopwatch.GetElapsedTime(started).TotalSeconds, seconds);
                Release(i);
            }
        }
    }

    private void Check(LoadConnection connection, int status, ReadOnlySpan<byte> body, double now, double seconds)
    {
        if (status == (int)HttpStatusCode.ServiceUnavailable)
        {
            _refused++;
            return;
        }

        if (status != (int)HttpStatusCode.OK || !body.SequenceEqual(_answers[connection.Request]))
        {
            throw new InvalidDataException(
                $"request {connection.Request} got {status} '{System.Text.Encoding.UTF8.GetString(body)}', expected '{System.Text.Encoding.UTF8.GetString(_answers[connection.Request])}'");
        }

        _latencies.Add(now - connection.Due);
        _inTime += now <= seconds ? 1 : 0;
    }

    private void Release(int index)
    {
        _idle.Push(_busy[index]);
        _busy[index] = _busy[--_busyCount];
        _entries[index] = _entries[_busyCount];
    }
}
