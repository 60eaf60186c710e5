namespace Mnist.Cli.Shared;

/// <summary>The exit codes of all commands. Scripts depend on them; the README documents them.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>An image was rejected, or a file cannot be used. A command with several files completes the others.</summary>
    public const int Failure = 1;

    /// <summary>The service, or the server of a download, cannot be reached or does not work.</summary>
    public const int Unreachable = 2;

    /// <summary>Wrong command line: EX_USAGE of sysexits.h.</summary>
    public const int Usage = 64;

    /// <summary>A bug in this program: EX_SOFTWARE of sysexits.h.</summary>
    public const int Bug = 70;

    /// <summary>Ctrl+C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
