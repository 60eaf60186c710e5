using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

/// <summary>The products of a single tile from half-transformed weights against the matrix kernel.</summary>
[TestFixture(typeof(Vec512))]
[TestFixture(typeof(Vec256))]
[TestFixture(typeof(Vec128))]
[TestFixture(typeof(VecScalar))]
internal sealed class SingleTileKernelTests<TVec>
    where TVec : struct, IVector<TVec>
{
    private const float Untouched = 77;

    [Test]
    public void Multiply_SingleTile_HasTheBitsOfTheMatrixKernel([Values(1, 16, 48)] int inputs, [Values(16, 48, 64)] int outputs)
    {
        var variant = SmallTile3x3.Variant;
        int valuePlane = Winograd.PlaneStride(1, inputs), productPlane = Winograd.PlaneStride(1, outputs);
        float[] weights = RandomValues.Create(variant.Kernel * variant.Kernel * inputs * outputs, seed: 1), values = RandomValues.Create(variant.TileElements * valuePlane, seed: 2);
        float[] transformed = new float[variant.TileElements * inputs * outputs], packed = new float[SingleTileKernel.WeightLength(inputs, outputs)];
        Winograd.TransformWeights<TVec, SmallTile3x3>(weights, inputs, outputs, transformed, new float[Winograd.ScratchLength]);
        float[] expected = new float[variant.TileElements * productPlane], actual = new float[variant.TileElements * productPlane];
        Array.Fill(expected, Untouched);
        Array.Fill(actual, Untouched);
        for (int element = 0; element < variant.TileElements; element++)
        {
            MatrixKernel.Multiply<TVec>(
                values.AsSpan(element * valuePlane), 1, inputs, transformed.AsSpan(element * inputs * outputs, inputs * outputs), outputs, expected.AsSpan(element * productPlane));
        }

        SingleTileKernel.PackWeights<TVec>(weights, inputs, outputs, packed);
        SingleTileKernel.Multiply<TVec>(values, valuePlane, inputs, packed, outputs, actual, productPlane);

        Assert.That(actual, Is.EqualTo(expected));
    }
}
