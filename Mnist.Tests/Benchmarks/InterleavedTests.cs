using Mnist.Benchmarks.Measuring;

namespace Mnist.Tests.Benchmarks;

internal sealed class InterleavedTests
{
    /// <summary>Contenders whose time is a matter of definition, so that the test needs no clock.</summary>
    [Test]
    public void Measure_OfTwoContenders_GivesSecondsACallAndTakesTurns()
    {
        var turns = new List<char>();
        TimedCalls Contender(char name, double secondsACall) => calls =>
        {
            turns.Add(name);
            return calls * secondsACall;
        };

        double[][] samples = Interleaved.Measure([Contender('a', 0.001), Contender('b', 0.004)], seconds: 1e-9);

        Assert.That(samples[0], Has.Length.GreaterThan(1).And.All.EqualTo(0.001).Within(1e-12));
        Assert.That(samples[1], Has.Length.EqualTo(samples[0].Length).And.All.EqualTo(0.004).Within(1e-12));
        Assert.That(string.Concat(turns), Does.EndWith("abbaab"), "each round in the other order");
    }
}
