using System.CommandLine;
using Mnist.Cli.Shared;

namespace Mnist.Cli.Commands.Completion;

/// <summary><c>mnist completion</c>: prints a completion script. The scripts call the command for suggestions, so they never become outdated.</summary>
internal static class CompletionCommand
{
    /// <summary>Suggests options only after a dash, so that the shell completes file names elsewhere.</summary>
    private const string Bash =
        """
        _mnist() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]} found
            found=$(mnist "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
            [[ $word == -* ]] || found=$(grep '^[[:alnum:]]' <<<"$found")
            COMPREPLY=($(compgen -W "$found" -- "$word"))
        }
        complete -o default -F _mnist mnist
        """;

    private const string Zsh =
        """
        #compdef mnist
        _mnist() {
            local -a found
            found=("${(@f)$(mnist "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            [[ $PREFIX == -* ]] || found=("${(@M)found:#[[:alnum:]]*}")
            compadd -a found
            _files
        }
        compdef _mnist mnist
        """;

    private const string Fish =
        """
        function __mnist_complete
            set -l line (commandline -cp)
            set -l word (commandline -ct)
            set -l found (mnist "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            string match -q -- '-*' $word; or set found (string match -r -- '^[[:alnum:]].*' $found)
            printf '%s\n' $found
        end
        complete -c mnist -a '(__mnist_complete)'
        """;

    private const string PowerShell =
        """
        Register-ArgumentCompleter -Native -CommandName mnist -ScriptBlock {
            param($word, $line, $position)
            mnist "[suggest:$position]" "$line" 2>$null |
                Where-Object { $_ -like "$word*" -and ($word -like '-*' -or $_ -match '^\w') } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish, ["pwsh"] = PowerShell };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command(
            "completion",
            """
            Prints a script for tab completion of commands, options and values.

            Examples:
              source <(mnist completion bash)                          in ~/.bashrc
              source <(mnist completion zsh)                           in ~/.zshrc, after compinit
              mnist completion fish | source                           in ~/.config/fish/config.fish
              mnist completion pwsh | Out-String | Invoke-Expression   in $PROFILE
            """)
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)]);
            return ExitCode.Success;
        });
        return command;
    }
}
