namespace Mnist.Inference.Plan;

/// <summary>Packs weights from the file's order into a matrix. Steps whose kernels read another order derive it from this matrix.</summary>
/// <remarks>
/// On disk OIHW: value (o, i, y, x) at ((o * I + i) * H + y) * W + x. Packed for the kernels as a matrix [taps, channels], HWIO with padding:
/// the same value at ((y * W + x) * inputStride + i) * outputStride + o, zero where i or o is padding. A dense layer over CHW values is a convolution
/// whose kernel is as large as its input, so it needs no code of its own.
/// </remarks>
internal readonly record struct WeightPacker(int OutputChannels, int InputChannels, int Height, int Width, int InputStride, int OutputStride)
{
    public int PackedLength => Height * Width * InputStride * OutputStride;

    public void Pack(ReadOnlySpan<float> oihw, Span<float> packed)
    {
        packed.Clear();
        for (int i = 0; i < oihw.Length; i++)
        {
            packed[PackedIndex(i)] = oihw[i];
        }
    }

    public void Unpack(ReadOnlySpan<float> packed, Span<float> oihw)
    {
        for (int i = 0; i < oihw.Length; i++)
        {
            oihw[i] = packed[PackedIndex(i)];
        }
    }

    private int PackedIndex(int index)
    {
        int x = index % Width;
        int y = index / Width % Height;
        int input = index / (Width * Height) % InputChannels;
        int output = index / (Width * Height * InputChannels);
        return ((((y * Width) + x) * InputStride + input) * OutputStride) + output;
    }
}
