using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Tests.Core.Imaging.Normalizing;

/// <summary>Compares the filters with loops over all windows.</summary>
public sealed class PlaneFiltersTests
{
    private const double Tolerance = 1e-5;

    [TestCase(9, 7, 1)]
    [TestCase(9, 7, 3)]
    [TestCase(5, 1, 2)]
    [TestCase(3, 4, 10)]
    public void Filters_RandomPlane_EqualTheirDefinitions(int width, int height, int radius)
    {
        var plane = Random(width, height);

        var maximum = Windows(plane, radius, values => values.Max());
        Assert.That(PlaneFilters.Maximum(plane, radius).Values.ToArray(), Is.EqualTo(maximum.Values.ToArray()));
        Assert.That(PlaneFilters.Close(plane, radius).Values.ToArray(), Is.EqualTo(Windows(maximum, radius, values => values.Min()).Values.ToArray()));
        Assert.That(PlaneFilters.Mean(plane, radius).Values.ToArray(), Is.EqualTo(Windows(plane, radius, values => values.Average()).Values.ToArray()).Within(Tolerance));
    }

    private static Plane Random(int width, int height)
    {
        var random = new Random(width + height);
        return new Plane(width, height, [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())]);
    }

    private static Plane Windows(Plane plane, int radius, Func<IEnumerable<float>, float> reduce)
    {
        var result = new Plane(plane.Width, plane.Height);
        for (int i = 0; i < result.Values.Length; i++)
        {
            var (x, y) = (i % plane.Width, i / plane.Width);
            result[x, y] = reduce(Enumerable.Range(0, result.Values.Length)
                .Where(other => Math.Abs((other % plane.Width) - x) <= radius && Math.Abs((other / plane.Width) - y) <= radius)
                .Select(other => plane[other % plane.Width, other / plane.Width]));
        }

        return result;
    }
}
