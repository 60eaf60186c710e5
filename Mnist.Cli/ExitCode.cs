namespace Mnist.Cli;

/// <summary>What the commands return. Documented in the README: scripts depend on it.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something was refused or failed; the rest was done.</summary>
    public const int Refused = 1;

    /// <summary>The server, or where data is downloaded from, could not be reached or does not work.</summary>
    public const int Unreachable = 2;

    /// <summary>The command line is wrong (EX_USAGE of sysexits.h).</summary>
    public const int Usage = 64;

    /// <summary>A bug in this program (EX_SOFTWARE).</summary>
    public const int Bug = 70;

    /// <summary>Ctrl+C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
