using Mnist.LoadTesting;

namespace Mnist.Tests.LoadTesting;

internal sealed class SamplesTests
{
    [TestCase(0, 10)]
    [TestCase(50, 30)]
    [TestCase(100, 50)]
    [TestCase(10, 14)]
    [TestCase(90, 46)]
    public void Percentile_OfFiveSamples_Interpolates(double percent, double expected) =>
        Assert.That(Samples.Percentile([50, 10, 40, 20, 30], percent), Is.EqualTo(expected).Within(1e-9));

    [Test]
    public void Percentile_OfOneSample_IsThatSample([Values(0, 10, 50, 100)] double percent) =>
        Assert.That(Samples.Percentile([7], percent), Is.EqualTo(7));

    [Test]
    public void Percentiles_Several_AreInTheirOrder() =>
        Assert.That(Samples.Percentiles([50, 10, 40, 20, 30], 90, 0, 50), Is.EqualTo(new double[] { 46, 10, 30 }).Within(1e-9));

    [Test]
    public void Median_OfAnEvenNumber_IsTheMeanOfTheMiddleTwo() => Assert.That(Samples.Median([4, 1, 3, 100]), Is.EqualTo(3.5));

    [Test]
    public void Percentile_OfNoSamples_Throws() => Assert.That(() => Samples.Percentile([], 50), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
