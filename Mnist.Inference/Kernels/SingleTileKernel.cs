using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// The 36 products of <see cref="Winograd"/> for a single tile of <see cref="SmallTile3x3"/>. Its weights are transformed along the columns only,
/// G g: half as many values as G g G'. Each step completes the transform in registers.
/// </summary>
/// <remarks>
/// A product of one row uses each weight once, so it is bound by cache bandwidth: nine more operations per six multiply-adds cost less than twice the
/// bytes. Lanes are output channels. The operations and their order are those of <see cref="Winograd.TransformWeights"/> and
/// <see cref="MatrixKernel"/>, so the bits are the same.
/// </remarks>
internal static class SingleTileKernel
{
    private const int Kernel = 3;

    private static int Side => SmallTile3x3.Variant.InputTile;

    /// <summary>Floats that <see cref="PackWeights"/> writes.</summary>
    public static int WeightLength(int inputs, int outputs) => Side * Kernel * inputs * outputs;

    /// <summary>Packs weights [3 x 3, inputs, outputs] as [outputs / lanes, 6, inputs, 3, lanes], the order in which they are read.</summary>
    public static void PackWeights<TVec>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> packed)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(weights.Length == Kernel * Kernel * inputs * outputs && packed.Length == WeightLength(inputs, outputs) && outputs % TVec.Count == 0);
        int plane = inputs * outputs;
        int row = inputs * Kernel * TVec.Count;
        for (int output = 0; output < outputs; output += TVec.Count)
        {
            for (int input = 0; input < inputs; input++)
            {
                for (int x = 0; x < Kernel; x++)
                {
                    SmallTile3x3.WeightColumn<TVec>(
                        ref Unsafe.AsRef(in weights[(x * plane) + (input * outputs) + output]), Kernel * plane,
                        ref packed[(output / TVec.Count * Side * row) + (((input * Kernel) + x) * TVec.Count)], row);
                }
            }
        }
    }

    /// <param name="values">The transformed tile: [inputs] for each tile element, <paramref name="valuePlane"/> apart.</param>
    /// <param name="valuePlane">Distance between two tile elements.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="weights">Packed by <see cref="PackWeights"/>.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="products">Receives [outputs] for each tile element, <paramref name="productPlane"/> apart.</param>
    /// <param name="productPlane">Distance between two tile elements.</param>
    public static void Multiply<TVec>(
        ReadOnlySpan<float> values, int valuePlane, int inputs, ReadOnlySpan<float> weights, int outputs, Span<float> products, int productPlane)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(values.Length >= (Side * Side - 1) * valuePlane + inputs && weights.Length == WeightLength(inputs, outputs));
        Debug.Assert(products.Length >= (Side * Side - 1) * productPlane + outputs);
        ref float next = ref MemoryMarshal.GetReference(weights);
        for (int output = 0; output < outputs; output += TVec.Count)
        {
            for (int y = 0; y < Side; y++)
            {
                Row<TVec>(
                    ref Unsafe.AsRef(in values[y * Side * valuePlane]), (nuint)valuePlane, (nuint)inputs, ref next,
                    ref products[(y * Side * productPlane) + output], (nuint)productPlane);
                next = ref Unsafe.Add(ref next, inputs * Kernel * TVec.Count);
            }
        }
    }

    [MethodImpl(CompileAs.Kernel)]
    private static void Row<TVec>(ref float values, nuint valuePlane, nuint inputs, ref float weights, ref float products, nuint productPlane)
        where TVec : struct, IVector<TVec>
    {
        ref float values1 = ref Unsafe.Add(ref values, valuePlane);
        ref float values2 = ref Unsafe.Add(ref values1, valuePlane);
        ref float values3 = ref Unsafe.Add(ref values2, valuePlane);
        ref float values4 = ref Unsafe.Add(ref values3, valuePlane);
        ref float values5 = ref Unsafe.Add(ref values4, valuePlane);
        TVec sum0 = TVec.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0;
        for (nuint input = 0; input < inputs; input++)
        {
            SmallTile3x3.Values(
                TVec.Load(ref weights, 0), TVec.Load(ref weights, (nuint)TVec.Count), TVec.Load(ref weights, (nuint)(2 * TVec.Count)),
                out var weight0, out var weight1, out var weight2, out var weight3, out var weight4, out var weight5);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values, input)), weight0, ref sum0);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values1, input)), weight1, ref sum1);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values2, input)), weight2, ref sum2);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values3, input)), weight3, ref sum3);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values4, input)), weight4, ref sum4);
            TVec.Accumulate(TVec.Create(Unsafe.Add(ref values5, input)), weight5, ref sum5);
            weights = ref Unsafe.Add(ref weights, Kernel * TVec.Count);
        }

        TVec.Store(sum0, ref products, 0);
        TVec.Store(sum1, ref products, productPlane);
        TVec.Store(sum2, ref products, 2 * productPlane);
        TVec.Store(sum3, ref products, 3 * productPlane);
        TVec.Store(sum4, ref products, 4 * productPlane);
        TVec.Store(sum5, ref products, 5 * productPlane);
    }
}
