using System.Diagnostics;

namespace Mnist.SystemTests.Inference;

/// <summary>No kernel reads or writes outside its buffers: each test runs a process whose buffers border on an inaccessible page.</summary>
[TestFixture]
[Platform("Linux", Reason = "protects pages with Linux system calls")]
[CancelAfter(300_000)]
internal sealed class GuardPageTests
{
    [Test]
    public async Task Engine_NextToAnInaccessiblePage_GivesTheSameProbabilities([Values] Guard guard, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = await RunAsync(guard, GuardedProgram.Engine, cancellationToken);

        Assert.That(exitCode, Is.Zero, $"ended in '{output.TrimEnd().Split('\n')[^1]}':\n{error}");
        Assert.That(output, Does.EndWith("done\n"));
    }

    [Test]
    public async Task Guard_KernelOneValueOutOfBounds_EndsTheProcess(
        [Values] Guard guard, [Values(GuardedProgram.ReadTooFar, GuardedProgram.WriteTooFar)] string mistake, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = await RunAsync(guard, mistake, cancellationToken);

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(output, Is.Empty);
        Assert.That(error, Does.Contain("AccessViolationException").And.Contain("Winograd.TransformInput"), "the report names the kernel");
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(Guard guard, string run, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(GuardedProgram).Assembly.Location, guard.ToString(), run])
        {
            // A core dump is deleted with the folder.
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
