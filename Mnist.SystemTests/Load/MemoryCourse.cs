namespace Mnist.SystemTests.Load;

/// <summary>How the memory of a server goes on while it answers requests: from a tenth of them on, when it has compiled what it needs.</summary>
internal sealed class MemoryCourse
{
    /// <summary>MiB for a million requests; what the server leaks beyond, it would lose in days.</summary>
    public const double MaxSlope = 1;

    private const double WarmUp = 0.1;
    private const int Samples = 60;

    private readonly List<(double Requests, double Memory)> _samples = [];

    /// <summary>MiB for a million requests, by least squares.</summary>
    public double Slope
    {
        get
        {
            double meanRequests = _samples.Average(sample => sample.Requests);
            double meanMemory = _samples.Average(sample => sample.Memory);
            return 1e6 * _samples.Sum(sample => (sample.Requests - meanRequests) * (sample.Memory - meanMemory))
                / _samples.Sum(sample => (sample.Requests - meanRequests) * (sample.Requests - meanRequests));
        }
    }

    /// <summary>Takes a sample where one is due.</summary>
    /// <param name="done">How many requests are answered.</param>
    /// <param name="requests">How many there will be.</param>
    /// <param name="memory">MiB; asked only where a sample is due.</param>
    public void Watch(double done, int requests, Func<double> memory)
    {
        if (done > requests * (WarmUp + (1 - WarmUp) * _samples.Count / Samples))
        {
            _samples.Add((done, memory()));
        }
    }

    /// <summary>Ten of the samples, and the slope.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"memory in MiB, from a tenth of the requests on: {string.Join(' ', _samples.Where((_, i) => i % (Samples / 10) == 0).Select(sample => $"{sample.Memory:0}"))}; {Slope:+0.00;-0.00} MiB for a million requests");
}
