namespace Mnist.Client;

/// <summary>A line of digits, as read by the service.</summary>
/// <param name="Text">The digits, from left to right.</param>
/// <param name="Probability">The probability that all digits are correct: the product of their probabilities, in [0, 1].</param>
/// <param name="Digits">Each digit, from left to right, with its <see cref="Classification.Box"/>.</param>
public sealed record Reading(string Text, double Probability, IReadOnlyList<Classification> Digits);
