using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>Extents of one image's activations, channels innermost (NHWC without N).</summary>
public readonly record struct Shape(int Height, int Width, int Channels)
{
    /// <summary>Number of values in one image.</summary>
    [JsonIgnore]
    public int Size => Height * Width * Channels;

    public override string ToString() => $"{Height}x{Width}x{Channels}";
}
