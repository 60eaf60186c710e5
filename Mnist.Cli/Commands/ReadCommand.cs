using System.CommandLine;
using Mnist.Cli.Classify;
using Mnist.Cli.Read;
using Mnist.Client;

namespace Mnist.Cli.Commands;

/// <summary><c>mnist read</c>: reads numbers of several digits.</summary>
internal static class ReadCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Pictures of any kind, each of one line of digits.", Arity = ArgumentArity.OneOrMore };
        var server = ServerOption.Create();
        var apiKey = ApiKeyOption.Create();
        var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
        var command = new Command(
            "read",
            """
            Reads a number of several digits, such as a postcode, from each picture.

            Examples:
              mnist read photo.jpg              the number, its probability and that of each digit
              mnist read scans/*.png --json     with the place of each digit, for another program

            Exit code: 0 all files read, 1 some refused or failed, 2 the service could not be reached or does not work, 64 wrong usage,
            130 interrupted.
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
                : results.Exists(result => result.Error is not null) ? ExitCode.Refused : ExitCode.Success;
        });
        return command;
    }

    private static async Task<FileReading> ReadAsync(MnistClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileReading(path, await client.ReadAsync(new FileInfo(path), cancellationToken), null);
        }
        catch (MnistClientException refusal) when (FileClassifier.IsRefusal(refusal))
        {
            return new FileReading(path, null, refusal.ImageErrors.TryGetValue(0, out var errors) ? string.Join(' ', errors) : refusal.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new FileReading(path, null, exception.Message);
        }
    }
}
