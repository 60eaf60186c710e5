using Mnist.Inference.Kernels;

namespace Mnist.Tests.Inference;

/// <summary>The products of one tile from half-transformed weights against those that any number of tiles gets.</summary>
[TestFixture(typeof(Vec512))]
[TestFixture(typeof(Vec256))]
[TestFixture(typeof(Vec128))]
[TestFixture(typeof(VecScalar))]
internal sealed class SingleTileKernelTests<TVec>
    where TVec : struct, IVector<TVec>
{
    private const float Untouched = 77;

    [Test]
    public void Multiply_FromHalfTransformedWeights_HasTheBitsOfTheMatrixKernel([Values(1, 16, 48)] int inputs, [Values(16, 48, 64)] int outputs)
    {
        var form = SmallTile3x3.Form;
        int valuePlane = Winograd.PlaneStride(1, inputs), productPlane = Winograd.PlaneStride(1, outputs);
        float[] weights = RandomValues.Create(form.Kernel * form.Kernel * inputs * outputs, seed: 1), values = RandomValues.Create(form.Places * valuePlane, seed: 2);
        float[] transformed = new float[form.Places * inputs * outputs], packed = new float[SingleTileKernel.WeightLength(inputs, outputs)];
        Winograd.TransformWeights<TVec, SmallTile3x3>(weights, inputs, outputs, transformed, new float[Winograd.ScratchLength]);
        float[] expected = new float[form.Places * productPlane], actual = new float[form.Places * productPlane];
        Array.Fill(expected, Untouched);
        Array.Fill(actual, Untouched);
        for (int place = 0; place < form.Places; place++)
        {
            MatrixKernel.Multiply<TVec>(
                values.AsSpan(place * valuePlane), 1, inputs, transformed.AsSpan(place * inputs * outputs, inputs * outputs), outputs, expected.AsSpan(place * productPlane));
        }

        SingleTileKernel.PackWeights<TVec>(weights, inputs, outputs, packed);
        SingleTileKernel.Multiply<TVec>(values, valuePlane, inputs, packed, outputs, actual, productPlane);

        Assert.That(actual, Is.EqualTo(expected));
    }
}
