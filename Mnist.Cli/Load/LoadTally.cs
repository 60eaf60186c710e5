using System.Net;

namespace Mnist.Cli.Load;

/// <summary>Counts what becomes of the requests of one run.</summary>
internal sealed class LoadTally
{
    private readonly List<double> _latencies = [];
    private readonly List<double> _refusals = [];
    private readonly SortedDictionary<int, int> _statuses = [];
    private ServerTime _serverTime;
    private int _serverTimes;
    private int _inTime;
    private int _wrong;
    private int _broken;

    /// <inheritdoc cref="LoadOutcome.Lost"/>
    public int Lost { get; set; }

    /// <inheritdoc cref="LoadOutcome.Unanswered"/>
    public int Unanswered { get; set; }

    /// <inheritdoc cref="LoadOutcome.FirstFault"/>
    public string? FirstFault { get; set; }

    public void AddRight(double latency, bool inTime, ServerTime? serverTime)
    {
        _latencies.Add(latency);
        _inTime += inTime ? 1 : 0;
        if (serverTime is { } time)
        {
            _serverTime += time;
            _serverTimes++;
        }
    }

    /// <param name="status">Of an answer that was not right; 200 is a wrong one.</param>
    /// <param name="latency">Since its request was due.</param>
    public void AddFault(int status, double latency)
    {
        if (LoadOutcome.IsRefusal(status))
        {
            _refusals.Add(latency);
        }

        if (status == (int)HttpStatusCode.OK)
        {
            _wrong++;
        }
        else
        {
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
        }
    }

    public void AddBroken() => _broken++;

    public LoadOutcome ToOutcome(double seconds, int due) => new(
        seconds, due, _inTime, _statuses, _wrong, _broken, Lost, Unanswered, _latencies, _refusals, _serverTimes == 0 ? null : _serverTime / _serverTimes, FirstFault);
}
