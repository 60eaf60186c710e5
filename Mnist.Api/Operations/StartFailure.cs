using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Mnist.Api.Operations;

/// <summary>Reports in one line on standard error why the server did not start. The exit codes are those of sysexits.h.</summary>
internal static class StartFailure
{
    /// <summary>EX_CONFIG: a setting or the weights file cannot be used.</summary>
    public const int Configuration = 78;

    /// <summary>EX_UNAVAILABLE: the address or port cannot be listened on.</summary>
    public const int Address = 69;

    /// <summary>EX_SOFTWARE: anything else; a bug.</summary>
    public const int Unexpected = 70;

    /// <param name="exception">What stopped the start.</param>
    /// <param name="addresses">Where the server was to listen; the operating system's message lacks it.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Exception exception, string addresses)
    {
        // Stopped while starting: not a failure.
        if (exception is OperationCanceledException)
        {
            return 0;
        }

        (int exitCode, string reason) = exception switch
        {
            InvalidDataException => (Configuration, exception.Message),
            OptionsValidationException invalid => (Configuration, $"configuration: {string.Join("; ", invalid.Failures)}"),
            IOException => (Address, $"address: {exception.Message}"),
            SocketException => (Address, $"address: {addresses}: {exception.Message}"),
            ArgumentException => (Configuration, $"configuration: {addresses}: {exception.Message}"),
            InvalidOperationException or FormatException => (Configuration, $"configuration: {exception.Message} {exception.InnerException?.Message}".TrimEnd()),
            _ => (Unexpected, $"{exception.GetBaseException().GetType().Name}: {exception.GetBaseException().Message}"),
        };
        Console.Error.WriteLine($"Mnist.Api cannot start: {reason.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
