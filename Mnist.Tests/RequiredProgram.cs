using System.ComponentModel;
using System.Diagnostics;

namespace Mnist.Tests;

/// <summary>A program that a test needs and the .NET SDK does not bring.</summary>
internal static class RequiredProgram
{
    /// <summary>Skips the test where the program is missing; with CI=true, where it is installed first, the test fails instead.</summary>
    public static void Check(string command, string versionArgument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, [versionArgument]) { RedirectStandardOutput = true })!;
            process.WaitForExit();
        }
        catch (Win32Exception e)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail($"{command} must be installed here: {e.Message}");
            }

            Assert.Ignore($"needs {command}, which is not installed");
        }
    }
}
