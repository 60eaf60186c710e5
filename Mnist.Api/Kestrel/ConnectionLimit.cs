using System.Globalization;
using System.Text.RegularExpressions;

namespace Mnist.Api.Kestrel;

/// <summary>The most connections: each is an open file, and the process needs files for itself.</summary>
internal static partial class ConnectionLimit
{
    public const int Most = 4096;

    /// <summary>
    /// Files that are not connections: about 270 assemblies and pipes, 64 connections of the management port, and a margin. If clients used them up, .NET
    /// could not start a thread and would end the process.
    /// </summary>
    public const int OwnFiles = 400;

    /// <summary>The fewest that an ordinary page and a load balancer need.</summary>
    public const int Fewest = 16;

    /// <exception cref="InvalidOperationException">The process may open too few files.</exception>
    public static int Find() => OperatingSystem.IsLinux() ? Find(File.ReadAllText("/proc/self/limits")) : Most;

    /// <param name="limits">The content of <c>/proc/self/limits</c>; proc_pid_limits(5). .NET raises the soft limit to the hard one when it starts.</param>
    public static int Find(string limits)
    {
        if (OpenFiles().Match(limits) is not { Success: true } match || !int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out int files))
        {
            return Most;
        }

        int connections = Math.Min(Most, files - OwnFiles);
        return connections >= Fewest
            ? connections
            : throw new InvalidOperationException(
                $"the process may open {files} files; expected at least {OwnFiles + Fewest}, {OwnFiles} for itself and one for each connection. Raise the limit (ulimit -n).");
    }

    [GeneratedRegex(@"^Max open files\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex OpenFiles();
}
