namespace Mnist.Tests.Cli;

internal sealed class CommandLineTests
{
    [TestCase("")]
    [TestCase("clasify")]
    [TestCase("classify")]
    [TestCase("classify --folder /there/is/no/such/folder")]
    [TestCase("classify x.png --seed 1")]
    [TestCase("classify x.png --seed one --download-mnist")]
    [TestCase("classify x.png --server")]
    [TestCase("classify x.png --server 127.0.0.1:8000")]
    [TestCase("classify x.png --server ftp://127.0.0.1")]
    [TestCase("classify x.png --no-such-option")]
    public async Task Run_WrongUsage_Exits64WithOneLine(string arguments)
    {
        var run = await CliRun.InProcessAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((64, "")));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("mnist: ").And.Contains("--help"));
    }

    [TestCase("--help", "mnist classify --download-mnist")]
    [TestCase("classify --help", "--folder <DIR>")]
    [TestCase("--version", "1.")]
    public async Task Run_Information_ExitsZeroAndWritesItToTheOutput(string arguments, string expected)
    {
        var run = await CliRun.InProcessAsync(arguments.Split(' '));

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain(expected));
    }
}
