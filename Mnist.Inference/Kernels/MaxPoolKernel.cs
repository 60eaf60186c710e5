using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mnist.Inference.Kernels;

/// <summary>Max pooling: the largest value of each window, per channel. Lanes are channels.</summary>
internal static class MaxPoolKernel
{
    /// <param name="input">One image in <paramref name="inputLayout"/>.</param>
    /// <param name="inputLayout">Layout of the input.</param>
    /// <param name="size">Side and stride of the window.</param>
    /// <param name="output">One image in <paramref name="outputLayout"/>; its border is not written.</param>
    /// <param name="outputLayout">Layout of the output, with the same channels.</param>
    [MethodImpl(CompileAs.Kernel)]
    public static void Forward<TVec>(ReadOnlySpan<float> input, TensorLayout inputLayout, int size, Span<float> output, TensorLayout outputLayout)
        where TVec : struct, IVector<TVec>
    {
        Debug.Assert(inputLayout.ChannelStride == outputLayout.ChannelStride && inputLayout.ChannelStride % TVec.Count == 0);
        Debug.Assert(input.Length >= inputLayout.ImageStride && output.Length >= outputLayout.ImageStride);
        ref readonly float source = ref MemoryMarshal.GetReference(input);
        ref float destination = ref MemoryMarshal.GetReference(output);
        for (int y = 0; y < outputLayout.Height; y++)
        {
            for (int x = 0; x < outputLayout.Width; x++)
            {
                int window = inputLayout.Offset(y * size, x * size);
                int pixel = outputLayout.Offset(y, x);
                for (int channel = 0; channel < inputLayout.ChannelStride; channel += TVec.Count)
                {
                    var largest = TVec.Load(in source, (nuint)(window + channel));
                    for (int ky = 0; ky < size; ky++)
                    {
                        for (int kx = 0; kx < size; kx++)
                        {
                            int offset = window + (ky * inputLayout.RowStride) + (kx * inputLayout.ChannelStride) + channel;
                            largest = TVec.Max(TVec.Load(in source, (nuint)offset), largest);
                        }
                    }

                    TVec.Store(largest, ref destination, (nuint)(pixel + channel));
                }
            }
        }
    }
}
