using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Mnist.Benchmarks;

/// <summary>An option whose value is a number above 0.</summary>
internal static class PositiveOption
{
    public static Option<T> Create<T>(string name, T value, string description)
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = "NUMBER",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                if (!T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out T number) || !(number > T.Zero))
                {
                    result.AddError($"{name} is '{result.Tokens[0].Value}', expected a number above 0.");
                }

                return number;
            },
        };
}
