using System.CommandLine;
using System.CommandLine.Parsing;

namespace Mnist.Cli.Shared;

/// <summary>Tells options on the command line from those with default values.</summary>
internal static class OptionResults
{
    /// <summary>Whether the option is on the command line.</summary>
    public static bool IsGiven(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <inheritdoc cref="IsGiven(SymbolResult, Option)"/>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.CommandResult.IsGiven(option);
}
