namespace Mnist.Inference.Plan;

/// <summary>How convolutions are computed; tests force one.</summary>
internal enum ConvolutionAlgorithm
{
    /// <summary>For each layer whatever needs less arithmetic.</summary>
    Fastest,

    /// <summary>By the definition.</summary>
    Direct,
}
