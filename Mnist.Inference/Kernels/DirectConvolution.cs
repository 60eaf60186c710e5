namespace Mnist.Inference.Kernels;

/// <summary>Direct convolution, image by image, with the <see cref="ConvolutionKernel"/>.</summary>
/// <param name="kernel">Side of the kernel.</param>
/// <param name="halo">Zeros that the convolution reads on each side; the input's border has at least as many.</param>
/// <param name="input">Layout of the input.</param>
/// <param name="output">Layout of the output.</param>
internal sealed class DirectConvolution<TVec>(int kernel, int halo, TensorLayout input, TensorLayout output)
    where TVec : struct, IVector<TVec>
{
    private readonly int[] _inputOffsets = TensorLayout.Offsets(input, output.Height, output.Width, -halo);
    private readonly int[] _outputOffsets = TensorLayout.Offsets(output, output.Height, output.Width, shift: 0);

    /// <summary>The taps of an output position.</summary>
    public TapWindow Window { get; } = new(kernel, kernel * input.ChannelStride, input.RowStride);

    /// <summary>For each output position of an image the index of its first tap.</summary>
    public ReadOnlySpan<int> InputOffsets => _inputOffsets;

    /// <param name="source">[images] in the input layout.</param>
    /// <param name="weights">[taps, outputs].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="relu">Whether negative results become zero.</param>
    /// <param name="destination">[images] in the output layout.</param>
    /// <param name="images">Number of images.</param>
    public void Run(ReadOnlySpan<float> source, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, bool relu, Span<float> destination, int images)
    {
        for (int image = 0; image < images; image++)
        {
            ConvolutionKernel.Forward<TVec>(
                source.Slice(image * input.ImageStride, input.ImageStride), _inputOffsets, Window, weights, bias, relu,
                destination.Slice(image * output.ImageStride, output.ImageStride), _outputOffsets);
        }
    }
}
