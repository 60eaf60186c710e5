namespace Mnist.Api.Hosting;

/// <summary>Lets one of many through in each second, whoever asks first.</summary>
internal sealed class OncePerSecond
{
    private long _last = -1;

    public bool TryTake()
    {
        long second = Environment.TickCount64 / 1000;
        return Volatile.Read(ref _last) != second && Interlocked.Exchange(ref _last, second) != second;
    }
}
