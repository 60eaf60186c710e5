using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

[TestFixture]
internal sealed class RowsTests
{
    [Test]
    public void Divide_AnyNumberOfRows_GivesFewEvenSteps([Range(1, 40)] int rows, [Values(6, 8)] int atOnce)
    {
        var (largerSteps, larger, smallerSteps, smaller) = Rows.Divide(rows, atOnce);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((largerSteps * larger) + (smallerSteps * smaller), Is.EqualTo(rows));
            Assert.That(largerSteps + smallerSteps, Is.EqualTo((int)Math.Ceiling(rows / (double)atOnce)));
            Assert.That(larger, Is.EqualTo(smaller + 1));
            Assert.That(largerSteps == 0 ? smaller : larger, Is.InRange(1, atOnce));
            Assert.That(smallerSteps, Is.Positive);
        }
    }
}
