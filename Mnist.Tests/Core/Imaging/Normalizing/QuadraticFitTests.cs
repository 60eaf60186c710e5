using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Tests.Core.Imaging.Normalizing;

public sealed class QuadraticFitTests
{
    /// <summary>Rounding to single precision, for values up to 500.</summary>
    private const double Tolerance = 1e-3;

    [TestCase(40, 31)]
    [TestCase(2, 9)]
    [TestCase(1, 1)]
    public void Of_QuadraticPolynomial_GivesThePolynomial(int width, int height)
    {
        var plane = Make(width, height, (x, y) => 100 + (3 * x) - (2 * y) + (0.05 * x * x) - (0.07 * y * y) + (0.04 * x * y));

        Assert.That(QuadraticFit.Of(plane).Values.ToArray(), Is.EqualTo(plane.Values.ToArray()).Within(Tolerance));
    }

    [Test]
    public void Of_RandomPlane_LeavesAnOrthogonalResidual()
    {
        var random = new Random(1);
        var plane = Make(23, 17, (_, _) => random.NextDouble() * 255);
        var fit = QuadraticFit.Of(plane);

        Func<double, double, double>[] terms = [(_, _) => 1, (x, _) => x, (_, y) => y, (x, y) => x * y, (x, _) => x * x, (_, y) => y * y];
        foreach (var term in terms)
        {
            var values = Make(23, 17, term);
            double product = Enumerable.Range(0, values.Values.Length).Sum(i => (double)values.Values[i] * (plane.Values[i] - fit.Values[i]));
            Assert.That(product / values.Values.ToArray().Sum(value => (double)value), Is.Zero.Within(Tolerance));
        }
    }

    private static Plane Make(int width, int height, Func<double, double, double> value)
    {
        var plane = new Plane(width, height);
        for (int i = 0; i < plane.Values.Length; i++)
        {
            plane.Values[i] = (float)value(i % width, i / width);
        }

        return plane;
    }
}
