using Mnist.Inference.Kernels;
using Mnist.Inference.Plan;

namespace Mnist.Training.Optimization;

/// <summary>A layer's weights in the orders that the kernels read, recomputed after each step of the optimiser.</summary>
internal sealed class LayerWeights
{
    private readonly int _taps;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly WinogradVariant? _winograd;
    private readonly AlignedBuffer _transposed;
    private readonly AlignedBuffer _transformed;
    private readonly AlignedBuffer _transformedTransposed;

    public LayerWeights(LayerParameters layer, bool dense)
    {
        // A dense layer is a convolution with one tap that holds all inputs, so its kernel is not rotated.
        int pixels = layer.Packer.Height * layer.Packer.Width;
        (_taps, _inputs) = dense ? (1, pixels * layer.Packer.InputStride) : (pixels, layer.Packer.InputStride);
        _outputs = layer.Packer.OutputStride;
        _winograd = layer.Winograd;
        int transformed = (_winograd?.TileElements ?? 0) * _inputs * _outputs;
        _transposed = new AlignedBuffer(_taps * _inputs * _outputs);
        _transformed = new AlignedBuffer(transformed);
        _transformedTransposed = new AlignedBuffer(transformed);
    }

    /// <summary>[taps, outputs, inputs] with the taps in reverse order, which rotates the kernel by 180 degrees; for direct convolution.</summary>
    public ReadOnlySpan<float> Transposed => _transposed.Span;

    /// <summary>Winograd-transformed: [36, inputs, outputs].</summary>
    public ReadOnlySpan<float> Transformed => _transformed.Span;

    /// <summary>Winograd-transformed: [36, outputs, inputs].</summary>
    public ReadOnlySpan<float> TransformedTransposed => _transformedTransposed.Span;

    /// <summary>Recomputes what the forward pass reads.</summary>
    /// <param name="weights">[taps, inputs, outputs].</param>
    public void UpdateForward(ReadOnlySpan<float> weights)
    {
        if (_winograd is not null)
        {
            TransformWeights(weights, _inputs, _outputs, _transformed.Span);
        }
    }

    /// <summary>Recomputes what the backward pass reads; independent of <see cref="UpdateForward"/>, so both may run at once.</summary>
    /// <param name="weights">[taps, inputs, outputs].</param>
    public void UpdateBackward(ReadOnlySpan<float> weights)
    {
        int plane = _inputs * _outputs;
        for (int tap = 0; tap < _taps; tap++)
        {
            int target = _winograd is not null ? tap : _taps - 1 - tap;
            Transpose(weights.Slice(tap * plane, plane), _inputs, _outputs, _transposed.Span.Slice(target * plane, plane));
        }

        if (_winograd is not null)
        {
            TransformWeights(_transposed.Span, _outputs, _inputs, _transformedTransposed.Span);
        }
    }

    private void TransformWeights(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed)
    {
        switch (VectorWidths.Best)
        {
            case VectorWidth.Vector512:
                TransformWeights<Vec512>(weights, inputs, outputs, transformed);
                break;
            case VectorWidth.Vector256:
                TransformWeights<Vec256>(weights, inputs, outputs, transformed);
                break;
            case VectorWidth.Vector128:
                TransformWeights<Vec128>(weights, inputs, outputs, transformed);
                break;
            default:
                TransformWeights<VecScalar>(weights, inputs, outputs, transformed);
                break;
        }
    }

    private void TransformWeights<TVec>(ReadOnlySpan<float> weights, int inputs, int outputs, Span<float> transformed)
        where TVec : struct, IVector<TVec>
    {
        Span<float> scratch = stackalloc float[Winograd.ScratchLength];
        if (_winograd == SmallTile3x3.Variant)
        {
            Winograd.TransformWeights<TVec, SmallTile3x3>(weights, inputs, outputs, transformed, scratch);
        }
        else
        {
            Winograd.TransformWeights<TVec, SmallTile5x5>(weights, inputs, outputs, transformed, scratch);
        }
    }

    private static void Transpose(ReadOnlySpan<float> source, int rows, int columns, Span<float> target)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                target[(column * rows) + row] = source[(row * columns) + column];
            }
        }
    }
}
