namespace Mnist.Inference.Model;

/// <summary>Named architectures.</summary>
public static class Architectures
{
    private static readonly Shape Digit = new(28, 28, 1);

    private static readonly ReluLayer Relu = new();

    /// <summary>
    /// TensorFlask's CNN: two 5x5 convolutions, each with max pooling, and a hidden dense layer of 256 units.
    /// 11.5 million multiply-adds, 857,738 parameters.
    /// </summary>
    public static NetworkArchitecture TensorFlask { get; } = new(Digit,
    [
        new ConvolutionLayer(5, 32, Padding.Same), Relu,    // 28 x 28 x 32
        new MaxPoolLayer(2),                                // 14 x 14 x 32
        new ConvolutionLayer(5, 64, Padding.Same), Relu,    // 14 x 14 x 64
        new MaxPoolLayer(2),                                //  7 x  7 x 64
        new DenseLayer(256), Relu,
        new DenseLayer(10),
    ]);

    /// <summary>
    /// First stage of the shipped cascade: 3x3 convolutions on grids with sides that are multiples of four and channels that are multiples of sixteen, so
    /// that neither Winograd tiles nor vectors need padding. 3.9 million multiply-adds, 93,818 parameters.
    /// </summary>
    public static NetworkArchitecture Vgg12 { get; } = new(Digit,
    [
        new ConvolutionLayer(5, 16, Padding.Valid), Relu,   // 24 x 24 x 16
        new MaxPoolLayer(2),                                // 12 x 12 x 16
        new ConvolutionLayer(3, 32, Padding.Same), Relu,    // 12 x 12 x 32
        new ConvolutionLayer(3, 48, Padding.Same), Relu,    // 12 x 12 x 48
        new MaxPoolLayer(2),                                //  6 x  6 x 48
        new ConvolutionLayer(3, 64, Padding.Valid), Relu,   //  4 x  4 x 64
        new ConvolutionLayer(3, 64, Padding.Same), Relu,    //  4 x  4 x 64
        new DenseLayer(10),
    ]);

    /// <summary>All named architectures by name.</summary>
    public static IReadOnlyDictionary<string, NetworkArchitecture> ByName { get; } = new SortedDictionary<string, NetworkArchitecture>(StringComparer.Ordinal)
    {
        ["tensorflask"] = TensorFlask,
        ["vgg12"] = Vgg12,
    };

    /// <summary>The name of the architecture with the same input and layers; null if there is none.</summary>
    public static string? NameOf(NetworkArchitecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        string json = architecture.ToJson();
        return ByName.FirstOrDefault(named => named.Value.ToJson() == json).Key;
    }
}
