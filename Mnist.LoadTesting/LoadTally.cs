using System.Net;
using Mnist.LoadTesting.Http;

namespace Mnist.LoadTesting;

/// <summary>Counts the responses of one run.</summary>
internal sealed class LoadTally
{
    private readonly List<double> _latencies = [];
    private readonly List<double> _rejectionLatencies = [];
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

    /// <inheritdoc cref="LoadOutcome.FirstError"/>
    public string? FirstError { get; set; }

    public void AddCorrect(double latency, bool inTime, ServerTime? serverTime)
    {
        _latencies.Add(latency);
        _inTime += inTime ? 1 : 0;
        if (serverTime is { } time)
        {
            _serverTime += time;
            _serverTimes++;
        }
    }

    /// <param name="head">The head of a response that is not correct: wrong if its status is 200.</param>
    /// <param name="latency">Seconds since the request was due.</param>
    public void AddError(ResponseHead head, double latency)
    {
        if (LoadOutcome.IsRejection(head.Status))
        {
            _rejectionLatencies.Add(latency);
            _unexplained += head.ExplainsRejection ? 0 : 1;
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
        seconds, due, _inTime, _statuses, _wrong, _broken, Lost, Unanswered, _latencies, _rejectionLatencies, _unexplained,
        _serverTimes == 0 ? null : _serverTime / _serverTimes, FirstError);
}
