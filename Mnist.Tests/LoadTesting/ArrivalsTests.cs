using Mnist.LoadTesting;

namespace Mnist.Tests.LoadTesting;

[TestFixture]
internal sealed class ArrivalsTests
{
    private const double Rate = 1000;
    private const double Seconds = 20;

    [Test]
    public void Poisson_HasTheRateAndTheGapsOfItsProcess()
    {
        double[] times = Arrivals.Poisson(Rate, Seconds, seed: 1);
        double[] gaps = [.. times.Skip(1).Zip(times, (next, time) => next - time)];
        double mean = gaps.Average();
        double deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));

        Assert.That(times, Is.Ordered.And.All.InRange(0, Seconds));

        // The count has the deviation of the square root of what is expected; five of them come once in a million seeds.
        Assert.That(times, Has.Length.EqualTo(Rate * Seconds).Within(5 * Math.Sqrt(Rate * Seconds)));
        Assert.That(deviation / mean, Is.EqualTo(1).Within(0.05), "gaps are exponential: their deviation is their mean");
        Assert.That(Arrivals.Poisson(Rate, Seconds, seed: 1), Is.EqualTo(times), "the same seed, the same schedule");
        Assert.That(Arrivals.Poisson(Rate, Seconds, seed: 2), Is.Not.EqualTo(times));
    }

    [Test]
    public void Constant_HasEqualGapsAndEndsBeforeTheEnd() =>
        Assert.That(Arrivals.Constant(rate: 4, seconds: 1.3), Is.EqualTo(new[] { 0, 0.25, 0.5, 0.75, 1, 1.25 }).Within(1e-9));
}
