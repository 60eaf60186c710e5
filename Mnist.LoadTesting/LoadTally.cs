using System.Net;

namespace Mnist.LoadTesting;

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
    private int _unexplained;

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

    /// <param name="head">Of an answer that was not right; one with status 200 is a wrong one.</param>
    /// <param name="latency">Since its request was due.</param>
    public void AddFault(AnswerHead head, double latency)
    {
        if (LoadOutcome.IsRefusal(head.Status))
        {
            _refusals.Add(latency);
            _unexplained += head.ExplainsRefusal ? 0 : 1;
        }

        if (head.Status == (int)HttpStatusCode.OK)
        {
            _wrong++;
        }
        else
        {
            _statuses[head.Status] = _statuses.GetValueOrDefault(head.Status) + 1;
        }
    }

    public void AddBroken() => _broken++;

    public LoadOutcome ToOutcome(double seconds, int due) => new(
        seconds, due, _inTime, _statuses, _wrong, _broken, Lost, Unanswered, _latencies, _refusals, _unexplained, _serverTimes == 0 ? null : _serverTime / _serverTimes, FirstFault);
}
