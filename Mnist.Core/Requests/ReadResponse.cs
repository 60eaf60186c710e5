namespace Mnist.Core.Requests;

/// <summary>The body of the response to a request that reads numbers: one entry for each image of the request, in the same order.</summary>
public sealed record ReadResponse(IReadOnlyList<ReadResponseItem> Responses);

/// <summary>The answer for one image.</summary>
/// <param name="Text">The digits, from left to right.</param>
/// <param name="Probability">That all of them are correct: the product of their probabilities, in [0, 1].</param>
/// <param name="Digits">Each digit with its box in pixels of the upright original.</param>
public sealed record ReadResponseItem(string Text, float Probability, IReadOnlyList<ClassifyResponseItem> Digits);
