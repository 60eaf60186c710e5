namespace Mnist.Inference.Kernels;

/// <summary>The matrices of one <see cref="WinogradVariant"/>: what <see cref="Winograd"/>'s transforms do to a column or a row.</summary>
internal interface IWinogradTile
{
    static abstract WinogradVariant Form { get; }

    /// <summary>B' d: makes of the values of a polynomial's product what must be multiplied; depends on the points alone.</summary>
    static abstract void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>G g: the values of the polynomial g at the points, each divided by what B leaves out.</summary>
    static abstract void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>A' m: the powers of the points, added up as the products say.</summary>
    static abstract void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;
}
