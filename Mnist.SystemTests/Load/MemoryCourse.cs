namespace Mnist.SystemTests.Load;

/// <summary>The memory of a server over its requests, sampled after the first tenth of them, when the hot code is compiled.</summary>
internal sealed class MemoryCourse
{
    /// <summary>MiB per million requests. A leak above it would exhaust the memory within days.</summary>
    public const double MaxSlope = 1;

    private const double WarmUp = 0.1;
    private const int Samples = 60;

    private readonly List<(double Requests, double Memory)> _samples = [];

    /// <summary>MiB per million requests, by least squares.</summary>
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

    /// <summary>Takes a sample if one is due.</summary>
    /// <param name="done">Number of requests that are answered.</param>
    /// <param name="requests">Number of requests in the whole run.</param>
    /// <param name="memory">MiB; called only if a sample is due.</param>
    public void Watch(double done, int requests, Func<double> memory)
    {
        if (done > requests * (WarmUp + (1 - WarmUp) * _samples.Count / Samples))
        {
            _samples.Add((done, memory()));
        }
    }

    /// <summary>Ten of the samples, and the slope.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"memory in MiB, after the first tenth of the requests: {string.Join(' ', _samples.Where((_, i) => i % (Samples / 10) == 0).Select(sample => $"{sample.Memory:0}"))}; {Slope:+0.00;-0.00} MiB per million requests");
}
