namespace Mnist.Inference.Plan;

/// <summary>Which convolution algorithm the planner chooses; tests force one.</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>For each layer the cheapest by <see cref="ConvolutionCost"/>.</summary>
    Fastest,

    /// <summary>Direct convolution.</summary>
    Direct,

    /// <summary>Winograd convolution wherever there is a variant, even where it costs more.</summary>
    Winograd,
}
