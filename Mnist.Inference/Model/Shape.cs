using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>Shape of one image's activations, channels innermost (NHWC without N).</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">Channels.</param>
public readonly record struct Shape(int Height, int Width, int Channels)
{
    /// <summary>Values per image.</summary>
    [JsonIgnore]
    public int Size => Height * Width * Channels;

    public override string ToString() => $"{Height}x{Width}x{Channels}";
}
