using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>
/// Convolution with <see cref="Winograd"/>: transforms the input tiles of some images, computes one matrix product per tile element,
/// [tiles, inputs] x [inputs, outputs], with the <see cref="MatrixKernel"/>, and transforms the products to outputs.
/// </summary>
internal sealed class WinogradConvolution<TVec, TTile>
    where TVec : struct, IVector<TVec>
    where TTile : struct, IWinogradTile
{
    /// <summary>Tile elements, over all tiles computed together: times the channels of a layer they fit the second-level cache.</summary>
    private const int MaxTileElements = 1000;

    private readonly TensorLayout _input;
    private readonly TensorLayout _output;
    private readonly int _pool;
    private readonly WinogradTiles _tiles;
    private readonly int _shift;
    private readonly int _inputPlane;
    private readonly int _outputPlane;

    /// <param name="input">Layout of the input; its border covers the tiles that extend beyond the image (see <see cref="WinogradVariant.Excess"/>).</param>
    /// <param name="output">Layout of the output.</param>
    /// <param name="halo">Zeros that the convolution reads on each side.</param>
    /// <param name="pool">Side of the fused max-pooling window: 2, or 1 for none.</param>
    public WinogradConvolution(TensorLayout input, TensorLayout output, int halo, int pool)
    {
        _input = input;
        _output = output;
        _pool = pool;
        _tiles = WinogradTiles.Of(TTile.Variant, output.Height * pool, output.Width * pool);
        _shift = -halo;
        _inputPlane = Winograd.PlaneStride(MaxTiles, input.ChannelStride);
        _outputPlane = Winograd.PlaneStride(MaxTiles, output.ChannelStride);
    }

    /// <summary>Tiles computed together: 12 (two steps of six rows) or 24 (four steps of six or three of eight).</summary>
    private static int MaxTiles => MaxTileElements / TTile.Variant.TileElements / Rows.AtOnce * Rows.AtOnce;

    private static int OutputTile => TTile.Variant.OutputTile;

    public int TilesPerImage => _tiles.PerImage;

    /// <summary>Working memory of <see cref="Run"/>, in floats.</summary>
    public int ScratchLength => Winograd.ScratchLength + (TTile.Variant.TileElements * (_inputPlane + _outputPlane));

    /// <param name="input">[images] in the input layout.</param>
    /// <param name="weights">Transformed: [tile elements, inputs, outputs].</param>
    /// <param name="singleTileWeights">The same, packed for the <see cref="SingleTileKernel"/>; empty if the layer does not use it.</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="output">[images] in the output layout.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> values, with any content.</param>
    public void Run(
        ReadOnlySpan<float> input, ReadOnlySpan<float> weights, ReadOnlySpan<float> singleTileWeights, ReadOnlySpan<float> bias, bool relu, Span<float> output, int images, Span<float> scratch)
    {
        int total = images * _tiles.PerImage;
        var transformed = scratch.Slice(Winograd.ScratchLength, TTile.Variant.TileElements * _inputPlane);
        var products = scratch.Slice(Winograd.ScratchLength + transformed.Length, TTile.Variant.TileElements * _outputPlane);
        for (int start = 0; start < total; start += MaxTiles)
        {
            int tiles = Math.Min(MaxTiles, total - start);
            TransformInput(input, start, tiles, transformed, scratch);
            if (tiles == 1 && !singleTileWeights.IsEmpty)
            {
                SingleTileKernel.Multiply<TVec>(transformed, _inputPlane, _input.ChannelStride, singleTileWeights, _output.ChannelStride, products, _outputPlane);
            }
            else
            {
                Multiply(transformed, weights, products, tiles);
            }

            TransformOutput(products, start, tiles, bias, relu ? 0f : float.NegativeInfinity, output, scratch);
        }
    }

    private void TransformInput(ReadOnlySpan<float> input, int start, int tiles, Span<float> transformed, Span<float> scratch)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            var (image, y, x) = _tiles.Locate(start + tile);
            Winograd.TransformInput<TVec, TTile>(
                ref Unsafe.AsRef(in input[(image * _input.ImageStride) + _input.Offset(y + _shift, x + _shift)]), _input.RowStride, _input.ChannelStride,
                ref transformed[tile * _input.ChannelStride], _inputPlane, ref MemoryMarshal.GetReference(scratch));
        }
    }

    private void Multiply(ReadOnlySpan<float> transformed, ReadOnlySpan<float> weights, Span<float> products, int tiles)
    {
        int weightPlane = _input.ChannelStride * _output.ChannelStride;
        for (int element = 0; element < TTile.Variant.TileElements; element++)
        {
            MatrixKernel.Multiply<TVec>(
                transformed.Slice(element * _inputPlane, _inputPlane), tiles, _input.ChannelStride,
                weights.Slice(element * weightPlane, weightPlane), _output.ChannelStride,
                products.Slice(element * _outputPlane, _outputPlane));
        }
    }

    private void TransformOutput(ReadOnlySpan<float> products, int start, int tiles, ReadOnlySpan<float> bias, float floor, Span<float> output, Span<float> scratch)
    {
        for (int tile = 0; tile < tiles; tile++)
        {
            var (image, y, x) = _tiles.Locate(start + tile);
            Store(
                ref Unsafe.AsRef(in products[tile * _output.ChannelStride]), ref Unsafe.AsRef(in MemoryMarshal.GetReference(bias)), floor,
                ref output[(image * _output.ImageStride) + _output.Offset(y / _pool, x / _pool)],
                Math.Min(OutputTile / _pool, _output.Height - (y / _pool)),
                Math.Min(OutputTile / _pool, _output.Width - (x / _pool)),
                ref MemoryMarshal.GetReference(scratch));
        }
    }

    /// <summary>Transforms the products of a tile to outputs and stores those inside the image, with bias, ReLU and pooling.</summary>
    [MethodImpl(CompileAs.Kernel)]
    private void Store(ref float products, ref float bias, float floor, ref float output, int rows, int columns, ref float scratch)
    {
        // Locals instead of properties: a call in the loop would spill the vectors to memory.
        int pool = _pool;
        int channels = _output.ChannelStride;
        int rowStride = _output.RowStride;
        int tileRow = OutputTile * TVec.Count;
        var lowest = TVec.Create(floor);
        ref float tile = ref Unsafe.Add(ref scratch, Winograd.ScratchLength / 2);
        for (int channel = 0; channel < channels; channel += TVec.Count)
        {
            Winograd.TransformOutput<TVec, TTile>(ref Unsafe.Add(ref products, channel), _outputPlane, ref tile, ref scratch);
            var offset = TVec.Load(ref bias, (nuint)channel);
            for (int y = 0; y < rows; y++)
            {
                ref float window = ref Unsafe.Add(ref tile, y * pool * tileRow);
                ref float destination = ref Unsafe.Add(ref output, (y * rowStride) + channel);
                for (int x = 0; x < columns; x++)
                {
                    var value = pool == 1 ? TVec.Load(ref window, 0) : Winograd.Largest<TVec>(ref window, tileRow);
                    TVec.Store(TVec.Max(TVec.Add(value, offset), lowest), ref destination, 0);
                    window = ref Unsafe.Add(ref window, pool * TVec.Count);
                    destination = ref Unsafe.Add(ref destination, channels);
                }
            }
        }
    }
}
