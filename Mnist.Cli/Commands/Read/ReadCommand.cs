using System.CommandLine;
using Mnist.Cli.Commands.Classify;
using Mnist.Cli.Shared;
using Mnist.Client;

namespace Mnist.Cli.Commands.Read;

/// <summary><c>mnist read</c>: reads lines of digits.</summary>
internal static class ReadCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Photos, each of one line of digits.", Arity = ArgumentArity.OneOrMore };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "read",
            """
            Reads a line of digits, such as a postcode, from each photo.

            Examples:
              mnist read photo.jpg              the digits and their probabilities
              mnist read scans/*.png --json     with the position of each digit; output for programs

            Exit code: 0 all files read, 1 some files rejected or unreadable, 2 service unreachable or not working, 64 wrong usage, 130 interrupted.
            """)
        {
            files, server, apiKey, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = parsed.GetValue(server)!;
            await using var connection = new ServiceConnection(address, parsed.GetValue(apiKey));
            List<FileReading> results = [];
            MnistClientException? failure = null;
            try
            {
                foreach (string path in parsed.GetValue(files)!)
                {
                    results.Add(await ReadAsync(connection.Client, path, cancellationToken));
                }
            }
            catch (MnistClientException exception)
            {
                failure = exception;
            }

            var report = new ReadReport(address, results);
            if (parsed.GetValue(json))
            {
                report.WriteJson(parsed.InvocationConfiguration.Output);
            }
            else if (results.Count > 0)
            {
                report.WriteTable(parsed.InvocationConfiguration.Output);
            }

            return failure is not null
                ? throw new CommandException(ExitCode.Unreachable, failure.Message)
                : results.Exists(result => result.Error is not null) ? ExitCode.Failure : ExitCode.Success;
        });
        return command;
    }

    private static async Task<FileReading> ReadAsync(MnistClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileReading(path, await client.ReadAsync(new FileInfo(path), cancellationToken), null);
        }
        catch (MnistClientException rejection) when (FileClassifier.IsRejection(rejection))
        {
            return new FileReading(path, null, rejection.ImageErrors.TryGetValue(0, out var errors) ? string.Join(' ', errors) : rejection.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileReading(path, null, exception.Message);
        }
    }
}
