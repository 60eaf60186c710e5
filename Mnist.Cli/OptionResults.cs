using System.CommandLine;
using System.CommandLine.Parsing;

namespace Mnist.Cli;

/// <summary>What a command line says of an option.</summary>
internal static class OptionResults
{
    /// <summary>Whether the option stands on the command line, not only by its default.</summary>
    public static bool IsGiven(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <inheritdoc cref="IsGiven(SymbolResult, Option)"/>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.CommandResult.IsGiven(option);
}
