using System.Text.Json.Serialization;

namespace Mnist.Inference.Model;

/// <summary>One layer of a <see cref="NetworkArchitecture"/>: what is computed, not how.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ConvolutionLayer), "conv2d")]
[JsonDerivedType(typeof(MaxPoolLayer), "max_pool2d")]
[JsonDerivedType(typeof(ReluLayer), "relu")]
[JsonDerivedType(typeof(DenseLayer), "dense")]
public abstract record Layer
{
    /// <summary>Output shape for an input of shape <paramref name="input"/>.</summary>
    /// <exception cref="InvalidArchitectureException">The layer cannot have an input of that shape, or a property of it is out of range.</exception>
    internal abstract Shape OutputShape(Shape input);

    /// <summary>Multiply-adds per image.</summary>
    internal virtual long MultiplyAdds(Shape input) => 0;
}

/// <summary>Padding of a convolution's input.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Padding>))]
public enum Padding
{
    /// <summary>No padding: the output is <c>kernel - 1</c> smaller.</summary>
    [JsonStringEnumMemberName("valid")]
    Valid,

    /// <summary>Zeros around the input: the output has the size of the input.</summary>
    [JsonStringEnumMemberName("same")]
    Same,
}

/// <summary>2-D convolution (cross-correlation, as usual in this field), stride 1, with bias.</summary>
/// <param name="Kernel">Side of the kernel: 1, 3, 5 or 7.</param>
/// <param name="Channels">Output channels, 1 to 1024.</param>
/// <param name="Padding">Padding of the input.</param>
public sealed record ConvolutionLayer(int Kernel, int Channels, Padding Padding) : Layer
{
    /// <summary>Zeros on each side of the input.</summary>
    internal int Halo => Padding == Padding.Same ? Kernel / 2 : 0;

    internal override Shape OutputShape(Shape input)
    {
        InvalidArchitectureException.ThrowIf(Kernel is < 1 or > 7 || Kernel % 2 == 0, $"kernel is {Kernel}, expected 1, 3, 5 or 7");
        InvalidArchitectureException.ThrowIf(Channels is < 1 or > 1024, $"channels is {Channels}, expected 1 to 1024");
        InvalidArchitectureException.ThrowIf(!Enum.IsDefined(Padding), $"padding is {Padding}, expected \"same\" or \"valid\"");
        int shrinkage = Kernel - 1 - 2 * Halo;
        var output = new Shape(input.Height - shrinkage, input.Width - shrinkage, Channels);
        InvalidArchitectureException.ThrowIf(output.Height < 1 || output.Width < 1, $"a kernel of {Kernel}x{Kernel} does not fit an input of {input}");
        return output;
    }

    internal override long MultiplyAdds(Shape input) => (long)OutputShape(input).Size * Kernel * Kernel * input.Channels;
}

/// <summary>Max pooling with windows of <c>Size x Size</c> and stride <c>Size</c>; incomplete windows at the border are dropped.</summary>
/// <param name="Size">Side of a window: 2, 3 or 4.</param>
public sealed record MaxPoolLayer(int Size) : Layer
{
    internal override Shape OutputShape(Shape input)
    {
        InvalidArchitectureException.ThrowIf(Size is < 2 or > 4, $"size is {Size}, expected 2, 3 or 4");
        InvalidArchitectureException.ThrowIf(input.Height < Size || input.Width < Size, $"a window of {Size}x{Size} does not fit an input of {input}");
        return new Shape(input.Height / Size, input.Width / Size, input.Channels);
    }
}

/// <summary>ReLU: max(x, 0).</summary>
public sealed record ReluLayer : Layer
{
    internal override Shape OutputShape(Shape input) => input;
}

/// <summary>Dense (fully connected) layer with bias.</summary>
/// <param name="Units">Outputs, 1 to 4096.</param>
public sealed record DenseLayer(int Units) : Layer
{
    internal override Shape OutputShape(Shape input)
    {
        InvalidArchitectureException.ThrowIf(Units is < 1 or > 4096, $"units is {Units}, expected 1 to 4096");
        return new Shape(1, 1, Units);
    }

    internal override long MultiplyAdds(Shape input) => (long)input.Size * Units;
}
