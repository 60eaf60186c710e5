using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// 5x5 convolution of one channel, the first layer of grey images, with <see cref="Winograd"/> along one axis: along the columns F(4, 5) computes four
/// output rows from eight input rows with 8 products instead of 20; along the rows the kernel is applied directly.
/// </summary>
/// <remarks>
/// With tiles along both axes the transforms of one channel would cost more than its products. Here the input transform is cheap: it works on whole
/// rows with neighbouring pixels in its lanes, and all kernel columns and output channels share its result. After it, lanes are output channels.
/// </remarks>
internal sealed class WinogradColumnConvolution<TVec>
    where TVec : struct, IVector<TVec>
{
    private readonly TensorLayout _input;
    private readonly TensorLayout _output;
    private readonly int _pool;
    private readonly int _pixels;
    private readonly int _firstRow;
    private readonly int _firstColumn;
    private readonly int _productPlane;

    /// <param name="input">Layout of the input; its rows are whole vectors, and its border covers the tiles that extend beyond the image.</param>
    /// <param name="output">Layout of the output.</param>
    /// <param name="halo">Zeros that the convolution reads on each side.</param>
    /// <param name="pool">Side of the fused max-pooling window: 2, or 1 for none.</param>
    public WinogradColumnConvolution(TensorLayout input, TensorLayout output, int halo, int pool)
    {
        _input = input;
        _output = output;
        _pool = pool;
        _pixels = Math.Max(output.Width * pool, RowKernel.PixelsAtOnce);
        _firstRow = (input.Halo - halo) * input.RowStride;
        _firstColumn = input.Halo - halo;
        _productPlane = Winograd.PlaneStride(_pixels, output.ChannelStride);
    }

    public static WinogradVariant Variant => LargeTile5x5.Variant with { IsColumn = true };

    /// <summary>Working memory of <see cref="Run"/>, in floats.</summary>
    public int ScratchLength => Winograd.ScratchLength + (Variant.InputTile * (_input.RowStride + _productPlane));

    /// <summary>Transforms weights [5, 5, outputs] to [8, 5, outputs].</summary>
    public static void TransformWeights(ReadOnlySpan<float> weights, Span<float> transformed)
    {
        int length = weights.Length / Variant.Kernel;
        for (int start = 0; start < length; start += TVec.Count)
        {
            LargeTile5x5.WeightColumn<TVec>(ref Unsafe.AsRef(in weights[start]), length, ref transformed[start], length);
        }
    }

    /// <param name="input">[images] in the input layout.</param>
    /// <param name="weights">Transformed: [8, 5, outputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="output">[images] in the output layout.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> values, with any content.</param>
    public void Run(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, bool relu, Span<float> output, int images, Span<float> scratch)
    {
        int length = Variant.InputTile * _input.RowStride;
        var transformed = scratch.Slice(Winograd.ScratchLength, length);
        var products = scratch.Slice(Winograd.ScratchLength + length, Variant.InputTile * _productPlane);
        int rowsAtOnce = Variant.OutputTile / _pool;
        for (int image = 0; image < images; image++)
        {
            for (int row = 0; row < _output.Height; row += rowsAtOnce)
            {
                TransformInput(input.Slice((image * _input.ImageStride) + _firstRow + (row * _pool * _input.RowStride), length), transformed);
                Multiply(transformed, weights, products);
                Store(
                    ref MemoryMarshal.GetReference(products), ref Unsafe.AsRef(in MemoryMarshal.GetReference(bias)), relu ? 0f : float.NegativeInfinity,
                    ref output[(image * _output.ImageStride) + _output.Offset(row, 0)], Math.Min(rowsAtOnce, _output.Height - row),
                    ref MemoryMarshal.GetReference(scratch));
            }
        }
    }

    private void TransformInput(ReadOnlySpan<float> input, Span<float> transformed)
    {
        for (int start = 0; start < _input.RowStride; start += TVec.Count)
        {
            LargeTile5x5.InputColumn<TVec>(ref Unsafe.AsRef(in input[start]), _input.RowStride, ref transformed[start], _input.RowStride);
        }
    }

    private void Multiply(ReadOnlySpan<float> transformed, ReadOnlySpan<float> weights, Span<float> products)
    {
        int weightPlane = RowKernel.Taps * _output.ChannelStride;
        for (int element = 0; element < Variant.TileElements; element++)
        {
            RowKernel.Convolve<TVec>(
                transformed.Slice(element * _input.RowStride, _input.RowStride)[_firstColumn..], weights.Slice(element * weightPlane, weightPlane),
                products.Slice(element * _productPlane, _productPlane), _pixels, _output.ChannelStride);
        }
    }

    /// <summary>Transforms the products to outputs and stores the rows inside the image, with bias, ReLU and pooling.</summary>
    [MethodImpl(CompileAs.Kernel)]
    private void Store(ref float products, ref float bias, float floor, ref float output, int rows, ref float scratch)
    {
        int pool = _pool;
        int channels = _output.ChannelStride;
        int rowStride = _output.RowStride;
        int tileRow = pool * TVec.Count;
        var lowest = TVec.Create(floor);
        for (int x = 0; x < _output.Width; x++)
        {
            for (int channel = 0; channel < channels; channel += TVec.Count)
            {
                for (int column = 0; column < pool; column++)
                {
                    LargeTile5x5.OutputColumn<TVec>(
                        ref Unsafe.Add(ref products, (((x * pool) + column) * channels) + channel), _productPlane,
                        ref Unsafe.Add(ref scratch, column * TVec.Count), tileRow);
                }

                var offset = TVec.Load(ref bias, (nuint)channel);
                for (int y = 0; y < rows; y++)
                {
                    ref float window = ref Unsafe.Add(ref scratch, y * pool * tileRow);
                    var value = pool == 1 ? TVec.Load(ref window, 0) : Winograd.Largest<TVec>(ref window, tileRow);
                    TVec.Store(TVec.Max(TVec.Add(value, offset), lowest), ref output, (nuint)((y * rowStride) + (x * channels) + channel));
                }
            }
        }
    }
}
