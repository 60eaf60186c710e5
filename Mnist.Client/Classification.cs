namespace Mnist.Client;

/// <summary>What the network sees in one image.</summary>
/// <param name="Class">The digit, 0 to 9.</param>
/// <param name="Probability">The softmax score of <paramref name="Class"/>, in [0, 1].</param>
/// <param name="Probabilities">The softmax scores of the digits 0 to 9, in this order; <see langword="null"/> unless they were asked for.</param>
public sealed record Classification(int Class, double Probability, IReadOnlyList<double>? Probabilities = null);
