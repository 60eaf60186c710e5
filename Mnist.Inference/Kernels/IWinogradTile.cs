namespace Mnist.Inference.Kernels;

/// <summary>The transform matrices of one <see cref="WinogradVariant"/>, applied to a column or a row of a tile (see <see cref="Winograd"/>).</summary>
internal interface IWinogradTile
{
    static abstract WinogradVariant Variant { get; }

    /// <summary>B' d: transforms inputs d. Depends on the interpolation points alone.</summary>
    static abstract void InputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>G g: the values of the polynomial with coefficients g at the points, each divided by the factor that B omits.</summary>
    static abstract void WeightColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;

    /// <summary>A' m: interpolates the outputs from the products m, by powers of the points.</summary>
    static abstract void OutputColumn<TVec>(ref float source, int sourceStride, ref float destination, int stride)
        where TVec : struct, IVector<TVec>;
}
