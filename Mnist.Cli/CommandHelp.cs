using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Mnist.Cli;

/// <summary>Help that shows only the first sentence of each command's description in the list of commands.</summary>
internal sealed class CommandHelp(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        foreach (var command in parseResult.CommandResult.Command.Subcommands)
        {
            command.Description = FirstSentence(command.Description!);
        }

        return help.Invoke(parseResult);
    }

    private static string FirstSentence(string description)
    {
        string line = description.ReplaceLineEndings(" ");
        return line[..(line.IndexOf(". ", StringComparison.Ordinal) + 1)];
    }
}
