using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Mnist.Cli;

/// <summary>An option of several numbers: a list such as 1,4,16 or a range start:end:step.</summary>
internal static class NumberList
{
    private const int MaxCount = 1000;

    /// <param name="name">With its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="kind">What the numbers are, for the message: "numbers", or "whole numbers".</param>
    /// <param name="smallest">Each must be at least this,</param>
    /// <param name="largest">and at most this.</param>
    public static Option<IReadOnlyList<T>?> Option<T>(string name, string description, string kind, T smallest, T largest)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = "LIST",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (TryParse(text, out List<T> numbers) && numbers.TrueForAll(number => number >= smallest && number <= largest))
                {
                    return numbers;
                }

                result.AddError(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} '{text}' is no list such as 1,4,16 and no range start:end:step of {kind} from {smallest} to {largest}."));
                return null;
            },
        };

    private static bool TryParse<T>(string text, out List<T> numbers)
        where T : struct, INumber<T>
    {
        bool isRange = text.Contains(':', StringComparison.Ordinal);
        var parsed = text.Split(isRange ? ':' : ',').Select(word => T.TryParse(word, CultureInfo.InvariantCulture, out T number) ? number : (T?)null).ToList();
        numbers = [.. parsed.OfType<T>()];
        return numbers.Count == parsed.Count && numbers.Count <= MaxCount && (!isRange || TryExpand(numbers));
    }

    /// <summary>Makes all its numbers of start, end and step.</summary>
    private static bool TryExpand<T>(List<T> range)
        where T : struct, INumber<T>
    {
        T step = range.Count == 3 ? range[2] : T.One;
        if (range.Count is not (2 or 3) || !(step > T.Zero) || !(range[0] <= range[1]) || (range[1] - range[0]) / step >= T.CreateChecked(MaxCount))
        {
            return false;
        }

        var (start, end) = (range[0], range[1]);
        range.Clear();
        for (T number = start; number <= end; number += step)
        {
            range.Add(number);
        }

        return true;
    }
}
