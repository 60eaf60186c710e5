namespace Mnist.Api.Errors;

/// <summary>
/// Limits the log lines about rejected requests to one per second: a full server rejects thousands, and a line for each would cost as much as the
/// rejection.
/// </summary>
internal sealed class ProblemLog(Serilog.ILogger logger)
{
    private long _second = -1;
    private int _rejected;

    /// <summary>Whether a line may be written now.</summary>
    public bool TryTakeLine()
    {
        long second = Environment.TickCount64 / 1000;
        return Volatile.Read(ref _second) != second && Interlocked.Exchange(ref _second, second) != second;
    }

    /// <summary>Counts a request that was not admitted, and logs the count where a line may be written.</summary>
    public void CountRejection()
    {
        Interlocked.Increment(ref _rejected);
        if (TryTakeLine())
        {
            logger.Warning(
                "Server full or stopping: {Rejected} requests rejected with {StatusCode} since the last such line",
                Interlocked.Exchange(ref _rejected, 0),
                StatusCodes.Status503ServiceUnavailable);
        }
    }
}
