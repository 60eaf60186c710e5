using Mnist.Benchmarks.Measuring;

namespace Mnist.Tests.Benchmarks;

internal sealed class CoresTests
{
    [Test]
    [Platform("Linux", Reason = "threads can be bound to cores on Linux only")]
    public void Pin_OneThread_BindsOnlyThatThread()
    {
        var before = Cores.Allowed();
        IReadOnlyList<int> after = [];
        bool pinned = false;
        var thread = new Thread(() =>
        {
            pinned = Cores.Pin(before[^1]);
            after = Cores.Allowed();
        });
        thread.Start();
        thread.Join();

        Assert.That(before, Is.Not.Empty);
        Assert.That(pinned);
        Assert.That(after, Is.EqualTo(new[] { before[^1] }));
        Assert.That(Cores.Allowed(), Is.EqualTo(before), "other threads are not bound");
    }
}
