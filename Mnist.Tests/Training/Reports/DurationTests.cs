using Mnist.Training.Reports;

namespace Mnist.Tests.Training.Reports;

public class DurationTests
{
    [TestCase(0.2, "0 s")]
    [TestCase(59.4, "59 s")]
    [TestCase(59.6, "1 min 0 s")]
    [TestCase(185, "3 min 5 s")]
    [TestCase(1500, "25 min")]
    [TestCase(7805, "2 h 10 min")]
    public void Format_Duration_IsShort(double seconds, string expected) =>
        Assert.That(Duration.Format(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));
}
