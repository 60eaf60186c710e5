using System.Collections.Concurrent;
using Mnist.Benchmarks.Measuring;

namespace Mnist.Tests.Benchmarks;

internal sealed class ParallelCallsTests
{
    [Test]
    public void Measure_TwoThreads_RunInParallelAndMakeAllCalls()
    {
        var calls = new ConcurrentBag<(char Share, int Thread)>();
        using var both = new CountdownEvent(2);
        Action Share(char name) => () =>
        {
            if (!calls.Contains((name, Environment.CurrentManagedThreadId)))
            {
                both.Signal();
                both.Wait();
            }

            calls.Add((name, Environment.CurrentManagedThreadId));
        };

        double seconds = new ParallelCalls([Share('a'), Share('b')], cores: []).Measure(calls: 5);

        Assert.That(seconds, Is.Positive);
        Assert.That(calls.CountBy(call => call).Select(pair => (pair.Key.Share, pair.Value)), Is.EquivalentTo(new[] { ('a', 5), ('b', 5) }));
        Assert.That(calls.Select(call => call.Thread).Distinct().Count(), Is.EqualTo(2));
    }
}
