using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Mnist.Cli.Commands;
using Mnist.Client;
using Mnist.LoadTesting;

namespace Mnist.Cli;

/// <summary>The <c>mnist</c> command: runs one subcommand and turns every failure into one line on the error stream and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        var parsed = Create().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            string command = parsed.CommandResult.Command is RootCommand ? "mnist" : $"mnist {parsed.CommandResult.Command.Name}";
            return Fail(ExitCode.Usage, $"{string.Join(' ', parsed.Errors.Select(problem => problem.Message))} See '{command} --help'.");
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,

                // After Ctrl+C: a training run measures its network before it can be saved.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return Fail(ExitCode.Interrupted, "interrupted.");
        }
        catch (CommandException exception)
        {
            return Fail(exception.ExitCode, exception.Message);
        }
        catch (LoadTestException exception)
        {
            return Fail(ExitCode.Refused, exception.Message);
        }
        catch (MnistClientException exception)
        {
            return Fail(ExitCode.Unreachable, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Fail(ExitCode.Refused, exception.Message);
        }
        catch (Exception exception)
        {
            return Fail(ExitCode.Bug, $"unexpected {exception.GetType().Name}: {exception.Message}");
        }

        int Fail(int exitCode, string message)
        {
            error.WriteLine($"mnist: {Terminal.OneLine(message)}");
            return exitCode;
        }
    }

    public static RootCommand Create()
    {
        var root = new RootCommand(
            """
            Classifies handwritten digits with the Mnist service.

            Examples:
              mnist classify --download-mnist              fetch ten MNIST test digits and classify them
              mnist classify 7.png scans/*.png             classify files
              mnist classify --folder scans --json         classify a folder, for another program to read
              mnist classify photo.jpg --normalize --show  find the digit on a photo, and draw what the network saw
              mnist read photo.jpg                         read a number of several digits
              mnist load                                   measure what the service can do
              mnist completion bash                        let the Tab key complete commands and options

            Exit code: 0 all files answered, 1 some refused or failed, 2 the service could not be reached or does not work, 64 wrong usage,
            130 interrupted.
            """)
        {
            ClassifyCommand.Create(),
            CombineCommand.Create(),
            CompletionCommand.Create(),
            EvaluateCommand.Create(),
            ExportCommand.Create(),
            KeyCommand.Create(),
            LinesCommand.Create(),
            LoadCommand.Create(),
            PhotosCommand.Create(),
            ReadCommand.Create(),
            RejectCommand.Create(),
            TrainCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpOfCommands((HelpAction)help.Action!);
        return root;
    }
}
