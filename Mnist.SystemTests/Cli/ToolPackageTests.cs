using System.Diagnostics;
using Mnist.Cli;

namespace Mnist.SystemTests.Cli;

/// <summary>The command as an installed .NET tool: packed, installed from a folder, and started by its name.</summary>
[CancelAfter(300_000)]
internal sealed class ToolPackageTests
{
    /// <summary>Simulates the Tab key in bash: prints the completions of each line of the input.</summary>
    private const string TabInBash =
        """
        source <(mnist completion bash)
        while IFS= read -r COMP_LINE; do
            read -ra COMP_WORDS <<<"$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_POINT=${#COMP_LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
            _mnist
            echo "${COMPREPLY[*]}"
        done
        """;

    private TemporaryFolder _folder = null!;

    private static string Dotnet => Environment.ProcessPath is { } path && path.EndsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet";

    private string ToolPath => _folder.PathOf("tools");

    [OneTimeSetUp]
    public async Task InstallAsync()
    {
        _folder = new TemporaryFolder();
        string configuration = new DirectoryInfo(TestContext.CurrentContext.TestDirectory).Name;
        string sources = _folder.PathOf("nuget.config");
        await File.WriteAllTextAsync(sources, $"""<configuration><packageSources><clear/><add key="packed" value="{_folder.Path}"/></packageSources></configuration>""");
        var pack = await RunAsync(Dotnet, "pack", Repository.PathOf("Mnist.Cli"), "--no-build", "-c", configuration, "-o", _folder.Path);
        Assert.That(pack.ExitCode, Is.Zero, pack.Output + pack.Error);
        var install = await RunAsync(Dotnet, "tool", "install", "Mnist.Cli", "--tool-path", ToolPath, "--configfile", sources, "--no-http-cache");
        Assert.That(install.ExitCode, Is.Zero, install.Output + install.Error);
    }

    [OneTimeTearDown]
    public void Remove() => _folder?.Dispose();

    [Test]
    public async Task Package_OfTheTool_IsSmallAndRuns()
    {
        var run = await MnistAsync("--version");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.StartWith("1."));
        Assert.That(new FileInfo(_folder.PathOf("Mnist.Cli.1.0.0.nupkg")).Length / 1048576.0, Is.LessThan(100), "MiB: the native decoder of every platform, without debug symbols");
    }

    [Test]
    public async Task Tool_Classify_PrintsTheClassAndDrawsTheDigit(CancellationToken cancellationToken)
    {
        using var server = await ShippedServer.StartAsync(cancellationToken);

        var run = await MnistAsync("classify", Repository.PathOf("docs", "seven.png"), "--show", "--server", server.Address.ToString());

        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(lines[1], Does.Match(@"seven\.png +7 +99\.98 %"));
        Assert.That(lines[2..^1], Has.Length.EqualTo(14).And.All.Match("^  [ .:=+*#%@-]{28}$"));
        Assert.That(lines[2..^1], Has.Some.Contains("%########"), "the bar of the seven");
    }

    [Test]
    public async Task Tool_Export_HasTheShippedModel()
    {
        var run = await MnistAsync("export", "--member", "1", "--onnx", _folder.PathOf("member.onnx"));

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(new FileInfo(_folder.PathOf("member.onnx")).Length, Is.GreaterThan(100_000));
    }

    [TestCase("mnist ", null, Description = "every command")]
    [TestCase("mnist eva", "evaluate")]
    [TestCase("mnist classify --no", "--normalize")]
    [TestCase("mnist classify ", "")]
    [TestCase("mnist evaluate --set ", "test train validation")]
    [TestCase("mnist completion z", "zsh")]
    [TestCase("mnist load --conc", "--concurrency")]
    [TestCase("mnist load --arrivals ", "constant poisson")]
    [Platform(Exclude = "Win", Reason = "runs a Unix shell")]
    public async Task CompletionScript_InBash_CompletesTheLine(string typed, string? expected)
    {
        expected ??= string.Join(' ', CommandLine.Create().Subcommands.Select(command => command.Name).Order());
        var run = await RunAsync("bash", ["-c", TabInBash], typed + '\n');

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output.TrimEnd('\n'), Is.EqualTo(expected));
    }

    private Task<CliRun> MnistAsync(params string[] arguments) => RunAsync(Path.Combine(ToolPath, "mnist"), arguments);

    private Task<CliRun> RunAsync(string command, params string[] arguments) => RunAsync(command, arguments, string.Empty);

    private async Task<CliRun> RunAsync(string command, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = ToolPath + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        if (Path.GetDirectoryName(Dotnet) is { Length: > 0 } root)
        {
            start.Environment["DOTNET_ROOT"] = root;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        return await CliRun.OfAsync(process, TimeSpan.FromMinutes(2));
    }
}
