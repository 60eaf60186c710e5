using System.ComponentModel;
using System.Diagnostics;

namespace Mnist.SystemTests;

/// <summary>A program that a test needs and that is not part of the .NET SDK.</summary>
internal static class RequiredProgram
{
    /// <summary>Skips the test if the program is missing. With CI=true, where .ci/run has installed it, the test fails.</summary>
    /// <param name="command">The program.</param>
    /// <param name="arguments">Arguments with which it exits with 0 if everything that the test needs is installed.</param>
    public static void Check(string command, params string[] arguments)
    {
        if (ErrorOf(command, arguments) is { } error)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail($"{command} must be installed here: {error}");
            }

            Assert.Ignore($"needs {command}: {error}");
        }
    }

    private static string? ErrorOf(string command, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
