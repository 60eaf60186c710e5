using System.CommandLine;
using Mnist.Cli;

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
    [TestCase("classify x.png --show --json")]
    [TestCase("completion tcsh")]
    [TestCase("load --images 65")]
    [TestCase("load --duration 0.01")]
    [TestCase("load --arrivals often")]
    [TestCase("load --server https://digits.example")]
    [TestCase("load --concurrency 0,1")]
    [TestCase("load --concurrency 1.5")]
    [TestCase("load --concurrency 1:8:0")]
    [TestCase("load --concurrency 1:2:3:4")]
    [TestCase("load --concurrency 8:1:1")]
    [TestCase("load --concurrency 1,2:8:1")]
    [TestCase("load --rate 0:1:0.0001")]
    [TestCase("load --rate NaN")]
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

    [Test]
    public async Task Help_OfEveryCommand_HasExamplesThatParse()
    {
        var root = CommandLine.Create();
        foreach (var command in root.Subcommands.Append<Command>(root))
        {
            string[] lines = [.. (command.Description ?? string.Empty).Split('\n').Select(line => line.Trim())];
            string[] examples = [.. lines.SkipWhile(line => line != "Examples:").Skip(1).TakeWhile(line => line.Length > 0)];
            Assert.That(examples, Is.Not.Empty, command.Name);
            foreach (string example in examples.Where(line => line.StartsWith("mnist ", StringComparison.Ordinal)))
            {
                // The text after two spaces or a pipe is not part of the command. The folders in the examples do not exist here.
                string[] arguments = example["mnist ".Length..].Split("  ")[0].Split(" | ")[0].Split(' ');
                var errors = root.Parse(arguments).Errors.Select(error => error.Message).Where(message => !message.EndsWith("does not exist.", StringComparison.Ordinal));
                Assert.That(errors, Is.Empty, example);
            }

            string[] help = ["--help"];
            var run = await CliRun.InProcessAsync(command == root ? help : [command.Name, .. help]);
            Assert.That(run.Output, Does.Contain(examples[0]));
        }
    }

    [Test]
    public async Task Help_OfRoot_DescribesEachCommandInOneSentence()
    {
        var run = await CliRun.InProcessAsync("--help");

        string commands = run.Output[run.Output.IndexOf("Commands:", StringComparison.Ordinal)..];
        Assert.That(commands, Does.Match(@"read <files> +Reads a line of digits, such as a postcode, from each photo\.\r?\n"));
        Assert.That(commands, Does.Not.Contain("Examples:").And.Not.Contain("Exit code:"));
    }

    [Test]
    public async Task Help_WithKeyInTheEnvironment_DoesNotShowIt()
    {
        const string Variable = "MNIST_API_KEY";
        Environment.SetEnvironmentVariable(Variable, "mnist_secret");
        try
        {
            var run = await CliRun.InProcessAsync("classify", "--help");
            Assert.That(run.Output, Does.Contain(Variable).And.Not.Contain("secret"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }
}
