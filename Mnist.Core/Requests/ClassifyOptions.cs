namespace Mnist.Core.Requests;

/// <summary>What a classification is to give beside class and probability.</summary>
/// <param name="Probabilities">The probabilities of all ten digits.</param>
/// <param name="Preview">The 28x28 pixels that the network saw, and where they come from.</param>
/// <param name="Reject">Whether each image is a digit at all (out-of-distribution detection).</param>
/// <param name="Explain">How much each pixel contributes to the class; one image a request.</param>
public readonly record struct ClassifyOptions(bool Probabilities = false, bool Preview = false, bool Reject = false, bool Explain = false)
{
    public const string RejectName = "reject";
    public const string ExplainName = "explain";
}
