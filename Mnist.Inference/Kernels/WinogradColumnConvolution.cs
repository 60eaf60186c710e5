using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// The first layer of grey images, a 5x5 convolution of one channel, by <see cref="Winograd"/> in one direction: down the columns F(4, 5) makes four
/// rows of output of eight rows of input with 8 products instead of 20, along the row the kernel is summed by its definition.
/// </summary>
/// <remarks>
/// With tiles in both directions the transforms would cost more than the products of one channel. So the input's transform is next to nothing: it
/// takes whole rows, its lanes are neighbouring pixels, and what it makes serves all kernel columns and all output channels. From then on lanes are
/// output channels.
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

    /// <param name="input">Layout of the input, its rows whole vectors long; its border holds what the tiles read beyond the image.</param>
    /// <param name="output">Layout of the output.</param>
    /// <param name="halo">Zeros on each side that the convolution wants.</param>
    /// <param name="pool">Side of the max-pooling window that the output is reduced by: 2, or 1 for none.</param>
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

    public static WinogradVariant Form => LargeTile5x5.Form with { IsColumn = true };

    /// <summary>Floats of working memory that <see cref="Run"/> needs.</summary>
    public int ScratchLength => Winograd.ScratchLength + (Form.InputTile * (_input.RowStride + _productPlane));

    /// <summary>Transforms a kernel: weights [5, 5, outputs] to [8, 5, outputs].</summary>
    public static void TransformWeights(ReadOnlySpan<float> weights, Span<float> transformed)
    {
        int length = weights.Length / Form.Kernel;
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
    /// <param name="scratch">Of <see cref="ScratchLength"/>, its content does not matter.</param>
    public void Run(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, bool relu, Span<float> output, int images, Span<float> scratch)
    {
        int length = Form.InputTile * _input.RowStride;
        var transformed = scratch.Slice(Winograd.ScratchLength, length);
        var products = scratch.Slice(Winograd.ScratchLength + length, Form.InputTile * _productPlane);
        int rowsAtOnce = Form.OutputTile / _pool;
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
        for (int place = 0; place < Form.Places; place++)
        {
            RowKernel.Convolve<TVec>(
                transformed.Slice(place * _input.RowStride, _input.RowStride)[_firstColumn..], weights.Slice(place * weightPlane, weightPlane),
                products.Slice(place * _productPlane, _productPlane), _pixels, _output.ChannelStride);
        }
    }

    /// <summary>Stores the rows of a tile that lie inside the output: bias, ReLU and pooling on the way.</summary>
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
