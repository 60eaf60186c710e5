using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Mnist.Cli;

/// <summary>Help whose list of commands has a sentence for each; the rest of a command's description, with its examples, is in its own help.</summary>
internal sealed class HelpOfCommands(HelpAction help) : SynchronousCommandLineAction
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
