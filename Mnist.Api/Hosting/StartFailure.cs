using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Mnist.Api.Hosting;

/// <summary>Tells in one line on standard error why the server did not start. The exit codes are those of sysexits.h.</summary>
internal static class StartFailure
{
    /// <summary>EX_CONFIG: a setting or the weights file cannot be used.</summary>
    public const int Configuration = 78;

    /// <summary>EX_UNAVAILABLE: the address or port cannot be listened on.</summary>
    public const int Address = 69;

    /// <summary>EX_SOFTWARE: anything else; a bug.</summary>
    public const int Unexpected = 70;

    /// <returns>The exit code.</returns>
    public static int Report(Exception exception)
    {
        // Told to stop while starting: not a failure.
        if (exception is OperationCanceledException)
        {
            return 0;
        }

        (int exitCode, string reason) = exception switch
        {
            InvalidDataException => (Configuration, exception.Message),
            OptionsValidationException invalid => (Configuration, $"configuration: {string.Join("; ", invalid.Failures)}"),
            IOException or SocketException => (Address, $"address: {exception.Message}"),
            InvalidOperationException or FormatException or ArgumentException => (Configuration, $"configuration: {exception.Message}"),
            _ => (Unexpected, $"{exception.GetType().Name}: {exception.Message}"),
        };
        Console.Error.WriteLine($"Mnist.Api cannot start: {reason.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
