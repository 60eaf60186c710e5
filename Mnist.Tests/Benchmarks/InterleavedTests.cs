using Mnist.Benchmarks.Measuring;

namespace Mnist.Tests.Benchmarks;

internal sealed class InterleavedTests
{
    /// <summary>The contenders return fixed times, so the test does not depend on the clock.</summary>
    [Test]
    public void Measure_TwoContenders_AlternatesAndReturnsSecondsPerCall()
    {
        var turns = new List<char>();
        TimedCalls Contender(char name, double secondsPerCall) => calls =>
        {
            turns.Add(name);
            return calls * secondsPerCall;
        };

        double[][] samples = Interleaved.Measure([Contender('a', 0.001), Contender('b', 0.004)], seconds: 1e-9);

        Assert.That(samples[0], Has.Length.GreaterThan(1).And.All.EqualTo(0.001).Within(1e-12));
        Assert.That(samples[1], Has.Length.EqualTo(samples[0].Length).And.All.EqualTo(0.004).Within(1e-12));
        Assert.That(string.Concat(turns), Does.EndWith("abbaab"), "every second round is reversed");
    }
}
