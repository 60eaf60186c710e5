using System.Diagnostics;
using System.Globalization;

namespace Mnist.SystemTests.Cli;

/// <summary>The command as a process.</summary>
internal sealed class MnistProcessTests
{
    [Test]
    public async Task Classify_DownloadMnist_WritesAndClassifiesTenTestDigits()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        using var folder = new TemporaryFolder();

        using var process = Start(folder, "classify", "--download-mnist", "--seed", "5", "--json", "--server", server.Address.ToString());
        var run = await FinishAsync(process);

        string[] names = [.. Directory.EnumerateFiles(Path.Combine(folder.Path, "mnist-digits")).Select(path => Path.GetFileName(path))];
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(names, Has.Length.EqualTo(10).And.All.Matches(@"^\d_\d{5}\.png$"));
        Assert.That(
            run.Json.GetProperty("images").EnumerateArray().Select(image => Path.GetFileName(image.GetProperty("file").GetString())), Is.EquivalentTo(names));
        Assert.That(server.Requests.Single().Images(), Has.Length.EqualTo(10));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "sends a Unix signal")]
    public async Task Classify_ControlC_Exits130WithoutAStackTrace()
    {
        var arrived = new TaskCompletionSource();
        await using var server = new ScriptedServer((_, reply) =>
        {
            arrived.SetResult();
            return reply.ClientGoneAsync();
        });
        using var folder = new TemporaryFolder();

        using var process = Start(folder, "classify", folder.Write("1.png", [1]), "--server", server.Address.ToString());
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60));
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        var run = await FinishAsync(process);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((130, "")));
        Assert.That(run.ErrorLines, Is.EqualTo(["mnist: interrupted."]));
    }

    // The program in its own output folder: the copy beside the tests would load their libraries.
    private static string ProgramPath()
    {
        var output = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        return Path.Combine(output.Parent!.Parent!.FullName, "Mnist.Cli", output.Name, "mnist.dll");
    }

    private static Process Start(TemporaryFolder folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath(), .. args])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MNIST_DATA"] = TestData.Folder;
        return Process.Start(start)!;
    }

    private static Task<CliRun> FinishAsync(Process process) => CliRun.OfAsync(process, TimeSpan.FromSeconds(60));
}
