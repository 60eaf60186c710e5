using System.Numerics.Tensors;

namespace Mnist.Inference.Kernels;

/// <summary>Converts pixels to the network's input. Training and serving share it, so they cannot drift apart.</summary>
public static class InputScale
{
    private const float White = 255f;

    /// <param name="pixels">0 (background) to 255 (ink).</param>
    /// <param name="images">Receives 0 to 1.</param>
    public static void ToFloat(ReadOnlySpan<byte> pixels, Span<float> images)
    {
        TensorPrimitives.ConvertSaturating(pixels, images[..pixels.Length]);
        TensorPrimitives.Divide(images[..pixels.Length], White, images);
    }
}
