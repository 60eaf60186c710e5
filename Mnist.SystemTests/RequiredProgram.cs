using System.ComponentModel;
using System.Diagnostics;

namespace Mnist.SystemTests;

/// <summary>A program that a test needs and the .NET SDK does not bring.</summary>
internal static class RequiredProgram
{
    /// <summary>Skips the test where the program is missing; with CI=true, where it is installed first, the test fails instead.</summary>
    /// <param name="command">The program.</param>
    /// <param name="arguments">With which it ends well, if all that the test needs of it is there.</param>
    public static void Check(string command, params string[] arguments)
    {
        if (FaultOf(command, arguments) is { } fault)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail($"{command} must be installed here: {fault}");
            }

            Assert.Ignore($"needs {command}: {fault}");
        }
    }

    private static string? FaultOf(string command, string[] arguments)
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
