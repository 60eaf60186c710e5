namespace Mnist.SystemTests.Load;

/// <summary>The check for leaks, on simulated memory.</summary>
internal sealed class MemoryCourseTests
{
    private const int Requests = 1_000_000;

    [Test]
    public void Slope_OfMemoryThatGoesUpAndDown_IsWithinTheLimit([Range(1, 20)] int seed) =>
        Assert.That(Course(seed, leak: 0).Slope, Is.LessThanOrEqualTo(MemoryCourse.MaxSlope));

    [TestCase(100)]
    [TestCase(10)]
    public void Slope_OfALeak_IsTheLeakAndAboveTheLimit(int leak)
    {
        double slope = Course(seed: 1, leak).Slope;

        Assert.That(slope, Is.EqualTo(leak * 1e6 / 1048576).Within(MemoryCourse.MaxSlope));
        Assert.That(slope, Is.GreaterThan(MemoryCourse.MaxSlope));
    }

    [Test]
    public void Slope_OfMemoryTakenInTheFirstTenth_IsZero()
    {
        var course = new MemoryCourse();
        for (int done = 0; done <= Requests; done += 1000)
        {
            course.Watch(done, Requests, () => done < Requests / 10 ? 50 : 150);
        }

        Assert.That(course.Slope, Is.Zero);
    }

    /// <summary>147 MiB, up to 2 MiB until the next collection, and the leak, in bytes per request.</summary>
    private static MemoryCourse Course(int seed, int leak)
    {
        var random = new Random(seed);
        var course = new MemoryCourse();
        for (int done = 0; done <= Requests; done += 1000)
        {
            course.Watch(done, Requests, () => 147 + (2 * random.NextDouble()) + (leak * (double)done / 1048576));
        }

        return course;
    }
}
