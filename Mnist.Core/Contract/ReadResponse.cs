using System.Globalization;
using Mnist.Core.Batching;
using Mnist.Core.Imaging.Lines;

namespace Mnist.Core.Contract;

/// <summary>The body of the answer to a request that reads lines of digits: one entry for each image of the request, in the same order.</summary>
public sealed record ReadResponse(IReadOnlyList<ReadResponseItem> Responses);

/// <summary>The answer for one image.</summary>
/// <param name="Text">The digits, from left to right.</param>
/// <param name="Probability">That all of them are right: the product of their probabilities, in [0, 1].</param>
/// <param name="Digits">Each digit, and where it is in pixels of the upright original.</param>
public sealed record ReadResponseItem(string Text, float Probability, IReadOnlyList<ClassifyResponseItem> Digits)
{
    internal static ReadResponseItem From(DigitLine line, Predictions predictions, LineReading reading)
    {
        ClassifyResponseItem[] digits = [.. reading.Digits.Select(candidate =>
        {
            var (digit, probability) = predictions[candidate];
            return new ClassifyResponseItem(digit, probability) { Box = line.Candidates[candidate].Image.Source };
        })];
        return new ReadResponseItem(
            string.Concat(digits.Select(digit => digit.Class.ToString(CultureInfo.InvariantCulture))),
            digits.Aggregate(1f, (product, digit) => product * digit.Probability),
            digits);
    }
}
