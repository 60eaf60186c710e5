using System.Diagnostics;
using System.Text.Json;
using Mnist.Cli;

namespace Mnist.Tests.Support;

/// <summary>What a command returned and wrote.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>The one JSON document on the output.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public string[] ErrorLines => Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CliRun> OfAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return await OfAsync(process, TimeSpan.FromMinutes(2));
    }

    /// <summary>Waits for a process whose streams are redirected.</summary>
    public static async Task<CliRun> OfAsync(Process process, TimeSpan longest)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(longest);
        return new CliRun(process.ExitCode, await output, await error);
    }

    /// <summary>Runs a command in this process.</summary>
    public static Task<CliRun> InProcessAsync(params string[] args) => InProcessAsync(args, CancellationToken.None);

    public static async Task<CliRun> InProcessAsync(string[] args, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = await CommandLine.RunAsync(args, output, error, cancellationToken);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }
}
