using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Mnist.Cli.Commands.Classify;
using Mnist.Cli.Commands.Combine;
using Mnist.Cli.Commands.Completion;
using Mnist.Cli.Commands.Evaluate;
using Mnist.Cli.Commands.Export;
using Mnist.Cli.Commands.Key;
using Mnist.Cli.Commands.Load;
using Mnist.Cli.Commands.Read;
using Mnist.Cli.Commands.Reject;
using Mnist.Cli.Commands.Train;
using Mnist.Cli.Shared;
using Mnist.Client;
using Mnist.LoadTesting;

namespace Mnist.Cli;

/// <summary>The <c>mnist</c> command. Runs a subcommand; reports every failure as one line on the error stream and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        var parsed = Create().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            string command = parsed.CommandResult.Command is RootCommand ? "mnist" : $"mnist {parsed.CommandResult.Command.Name}";
            return Fail(ExitCode.Usage, $"{string.Join(' ', parsed.Errors.Select(error => error.Message))} See '{command} --help'.");
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,

                // After Ctrl+C, a training run saves its checkpoint.
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
            return Fail(ExitCode.Failure, exception.Message);
        }
        catch (MnistClientException exception)
        {
            return Fail(ExitCode.Unreachable, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Fail(ExitCode.Failure, exception.Message);
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
            Classifies handwritten digits with the Mnist service, and trains and evaluates networks.

            Examples:
              mnist classify --download-mnist              download MNIST and classify ten test digits
              mnist classify 7.png scans/*.png             classify files
              mnist classify --folder scans --json         classify a folder; output for programs
              mnist classify photo.jpg --normalize --show  classify a photo and draw the network's input
              mnist read photo.jpg                         read a line of digits
              mnist load                                   measure capacity and latency of the service
              mnist completion bash                        print a script for tab completion

            Exit code: 0 success, 1 an image was rejected or a file cannot be used, 2 service or download unavailable, 64 wrong usage, 130 interrupted.
            """)
        {
            ClassifyCommand.Create(),
            CombineCommand.Create(),
            CompletionCommand.Create(),
            EvaluateCommand.Create(),
            ExportCommand.Create(),
            KeyCommand.Create(),
            LoadCommand.Create(),
            ReadCommand.Create(),
            RejectCommand.Create(),
            TrainCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new CommandHelp((HelpAction)help.Action!);
        return root;
    }
}
