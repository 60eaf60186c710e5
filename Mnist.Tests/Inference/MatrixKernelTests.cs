using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

/// <summary>Matrix products: dividing the rows into steps may change the time, never a bit.</summary>
[TestFixture(typeof(Vec512))]
[TestFixture(typeof(Vec256))]
[TestFixture(typeof(Vec128))]
[TestFixture(typeof(VecScalar))]
internal sealed class MatrixKernelTests<TVec>
    where TVec : struct, IVector<TVec>
{
    private const int MostRows = 26;
    private const int Inner = 21;

    /// <summary>For sums of 21 products below 1: far above their rounding, far below one missing product.</summary>
    private const double Tolerance = 1e-5;

    private static readonly int[] Columns = [16, 32, 48, 64, 80, 96];

    [Test]
    public void Multiply_AnyNumberOfRows_EqualsDoublePrecision([ValueSource(nameof(Columns))] int columns)
    {
        float[] a = RandomValues.Create(MostRows * Inner, seed: 1), b = RandomValues.Create(Inner * columns, seed: 2);
        for (int rows = 1; rows <= MostRows; rows++)
        {
            float[] c = new float[rows * columns];
            MatrixKernel.Multiply<TVec>(a, rows, Inner, b, columns, c);
            for (int i = 0; i < c.Length; i++)
            {
                double expected = Enumerable.Range(0, Inner).Sum(k => (double)a[(i / columns * Inner) + k] * b[(k * columns) + (i % columns)]);
                Assert.That(c[i], Is.EqualTo(expected).Within(Tolerance), $"{rows} rows, value {i}");
            }
        }
    }

    [Test]
    public void Multiply_AnyNumberOfRows_GivesEachRowTheSameBits([ValueSource(nameof(Columns))] int columns)
    {
        float[] a = RandomValues.Create(MostRows * Inner, seed: 1), b = RandomValues.Create(Inner * columns, seed: 2);
        float[] alone = new float[MostRows * columns];
        for (int row = 0; row < MostRows; row++)
        {
            MatrixKernel.Multiply<TVec>(a.AsSpan(row * Inner), 1, Inner, b, columns, alone.AsSpan(row * columns));
        }

        for (int rows = 1; rows <= MostRows; rows++)
        {
            float[] c = new float[rows * columns];
            MatrixKernel.Multiply<TVec>(a, rows, Inner, b, columns, c);
            Assert.That(c.AsSpan().SequenceEqual(alone.AsSpan(0, c.Length)), $"{rows} rows");
        }
    }
}
