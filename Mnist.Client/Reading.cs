namespace Mnist.Client;

/// <summary>A line of digits as the service reads it.</summary>
/// <param name="Text">The digits, from left to right.</param>
/// <param name="Probability">That all of them are right: the product of their probabilities, in [0, 1].</param>
/// <param name="Digits">Each digit, and where it is: <see cref="Classification.Box"/>.</param>
public sealed record Reading(string Text, double Probability, IReadOnlyList<Classification> Digits);
