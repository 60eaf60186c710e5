namespace Mnist.Inference.Plan;

/// <summary>How convolutions are computed; tests force one.</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>For each layer what <see cref="ConvolutionCost"/> finds cheaper.</summary>
    Fastest,

    /// <summary>By the definition.</summary>
    Direct,

    /// <summary>In Winograd's way wherever there is one, even where it costs more.</summary>
    Winograd,
}
