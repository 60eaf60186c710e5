using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Mnist.Cli.Shared;

/// <summary>An option with several numbers: a list such as 1,4,16 or a range start:end:step.</summary>
internal static class NumberListOption
{
    private const int MaxCount = 1000;

    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">Text in the help.</param>
    /// <param name="kind">The kind of numbers in the error message: "numbers" or "whole numbers".</param>
    /// <param name="min">The smallest valid number.</param>
    /// <param name="max">The largest valid number.</param>
    public static Option<IReadOnlyList<T>?> Create<T>(string name, string description, string kind, T min, T max)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = "LIST",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (TryParse(text, out List<T> numbers) && numbers.TrueForAll(number => number >= min && number <= max))
                {
                    return numbers;
                }

                result.AddError(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is '{text}', expected a list such as 1,4,16 or a range start:end:step of {kind} from {min} to {max}."));
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

    /// <summary>Replaces start, end and step by the numbers of the range; the default step is 1.</summary>
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
