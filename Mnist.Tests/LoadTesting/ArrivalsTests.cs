using Mnist.LoadTesting;

namespace Mnist.Tests.LoadTesting;

internal sealed class ArrivalsTests
{
    private const double Rate = 1000;
    private const double Seconds = 20;

    [Test]
    public void Poisson_OfARate_HasExponentialGaps()
    {
        double[] times = Arrivals.Poisson(Rate, Seconds, seed: 1);
        double[] gaps = [.. times.Skip(1).Zip(times, (next, time) => next - time)];
        double mean = gaps.Average();
        double deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));

        Assert.That(times, Is.Ordered.And.All.InRange(0, Seconds));

        // The standard deviation of the count is the square root of its mean; five of them occur for one seed in a million.
        Assert.That(times, Has.Length.EqualTo(Rate * Seconds).Within(5 * Math.Sqrt(Rate * Seconds)));
        Assert.That(deviation / mean, Is.EqualTo(1).Within(0.05), "standard deviation by mean of exponential gaps");
        Assert.That(Arrivals.Poisson(Rate, Seconds, seed: 1), Is.EqualTo(times), "same seed");
        Assert.That(Arrivals.Poisson(Rate, Seconds, seed: 2), Is.Not.EqualTo(times));
    }

    [Test]
    public void Constant_OfARate_HasEqualGaps() =>
        Assert.That(Arrivals.Constant(rate: 4, seconds: 1.3), Is.EqualTo(new[] { 0, 0.25, 0.5, 0.75, 1, 1.25 }).Within(1e-9));
}
