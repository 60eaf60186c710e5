using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mnist.Inference;
using Mnist.Training.Evaluation;

namespace Mnist.SystemTests.Documents;

/// <summary>The examples of README and mnist.http: each is run and must print what the document shows.</summary>
[CancelAfter(120_000)]
public sealed partial class ReadmeTests
{
    private const string DefaultAddress = "http://127.0.0.1:8000";

    private static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

    private ShippedServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await ShippedServer.StartAsync(TestContext.CurrentContext.CancellationToken);

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [Test]
    [Platform(Exclude = "Win", Reason = "runs the example in a Unix shell")]
    public async Task CurlExample_AgainstTheServer_GivesTheDocumentedAnswer(CancellationToken cancellationToken)
    {
        RequiredProgram.Check("curl", "--version");
        var (command, next) = BlockWith("curl");

        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", AtServer(command)]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        string answer = await shell.StandardOutput.ReadToEndAsync(cancellationToken);

        // The last digits of a probability depend on the CPU having FMA.
        var (found, expected) = (Answer(answer), Answer(next));
        Assert.That(found.Class, Is.EqualTo(expected.Class));
        Assert.That(found.Probability, Is.EqualTo(expected.Probability).Within(1e-5));
        Assert.That(Number().Replace(answer.Trim(), "p"), Is.EqualTo(Number().Replace(next.Trim(), "p")));
    }

    [Test]
    public async Task ClassifyExample_AgainstTheServer_PrintsTheDocumentedTable()
    {
        var (command, next) = BlockWith("--download-mnist");
        using var folder = new TemporaryFolder();
        string[] arguments = [.. command.Trim().Split(" -- ")[1].Split(' '), "--server", _server.Address.ToString(), "--folder", folder.Path];

        string? previous = Environment.GetEnvironmentVariable("MNIST_DATA");
        Environment.SetEnvironmentVariable("MNIST_DATA", TestData.Folder);
        CliRun run;
        try
        {
            run = await CliRun.InProcessAsync(arguments);
        }
        finally
        {
            Environment.SetEnvironmentVariable("MNIST_DATA", previous);
        }

        // The folder has another name here, and the time on the last line is never the same.
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Rows(run.Output), Is.EqualTo(Rows(next)).And.Length.EqualTo(10));
    }

    [Test]
    public async Task ClientExample_IsTheTestedCodeAndReadsASeven()
    {
        string source = await File.ReadAllTextAsync(Repository.PathOf("Mnist.SystemTests", "Documents", "ReadmeClientExample.cs"));
        string example = BlockWith("AddMnistClient").Command;
        string[] statements = [.. example.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())];

        Assert.That(statements, Has.Length.GreaterThan(4));
        Assert.That(statements.Where(line => !source.Contains(line, StringComparison.Ordinal)), Is.Empty);
        var answer = await ReadmeClientExample.RunAsync(_server.Address, Repository.PathOf("docs", "seven.png"));
        Assert.That(answer.Class, Is.EqualTo(7));
    }

    [Test]
    public void AccuracyAndSize_InReadmeAndModelCard_AreThoseOfTheShippedWeights()
    {
        var network = Network.Load(Repository.PathOf("weights", "mnist.safetensors"));
        var test = TestData.MnistTest;
        var result = EvaluationResult.FromProbabilities(test.Labels, BatchClassifier.Classify(network, test).Probabilities());
        string accuracy = result.Accuracy.ToString("P2", CultureInfo.InvariantCulture);
        string card = File.ReadAllText(Repository.PathOf("weights", "README.md"));

        Assert.That(result.Accuracy, Is.GreaterThanOrEqualTo(0.995));
        Assert.That(Readme, Does.Contain(accuracy));
        Assert.That(card, Does.Contain(accuracy).And.Contain(network.Sha256));
        foreach (var member in network.Stages)
        {
            Assert.That(card, Does.Contain(member.Architecture.MultiplyAdds.ToString("N0", CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Every call of mnist.http: the heading tells the status where it is not 200.</summary>
    [Test]
    public async Task HttpFile_EveryCall_GivesTheStatusOfItsHeading(CancellationToken cancellationToken)
    {
        string text = await File.ReadAllTextAsync(Repository.PathOf("mnist.http"), cancellationToken);
        var variables = Variable().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        variables["host"] = _server.Address.ToString().TrimEnd('/');
        string[] calls = [.. text.Split("### ").Skip(1)];
        using var client = new HttpClient();
        foreach (string call in calls)
        {
            string[] lines = Placeholder().Replace(call, match => variables[match.Groups[1].Value]).Split('\n');
            using var request = new HttpRequestMessage(new HttpMethod(lines[1].Split(' ')[0]), lines[1].Split(' ')[1]);
            if (lines.FirstOrDefault(line => line.StartsWith("Content-Type: ", StringComparison.Ordinal)) is { } type)
            {
                request.Content = new StringContent(string.Join('\n', lines.SkipWhile(line => line.Length > 0)).Trim());
                request.Content.Headers.ContentType = new(type["Content-Type: ".Length..]);
            }

            using var response = await client.SendAsync(request, cancellationToken);
            int expected = int.TryParse(lines[0].Split(':')[0], CultureInfo.InvariantCulture, out int status) ? status : 200;
            Assert.That((int)response.StatusCode, Is.EqualTo(expected), lines[0]);
        }

        Assert.That(calls, Has.Length.GreaterThan(8));
    }

    private static (int Class, double Probability) Answer(string json)
    {
        var response = JsonDocument.Parse(json).RootElement.GetProperty("responses")[0];
        return (response.GetProperty("class").GetInt32(), response.GetProperty("probability").GetDouble());
    }

    private string AtServer(string command) => command.Replace(DefaultAddress, _server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);

    /// <summary>The first code block that contains <paramref name="text"/>, and the one after it.</summary>
    private static (string Command, string Next) BlockWith(string text)
    {
        string[] blocks = [.. Markdown.Blocks(Readme).Select(block => block.Text)];
        int index = Array.FindIndex(blocks, block => block.Contains(text, StringComparison.Ordinal));
        Assert.That(index, Is.Not.Negative, $"the README has no code block with '{text}'");
        return (blocks[index], index + 1 < blocks.Length ? blocks[index + 1] : string.Empty);
    }

    /// <summary>The rows of the table from the file's name on.</summary>
    private static string[] Rows(string output) =>
        [.. output.Split('\n').Select(line => FileRow().Match(line)).Where(match => match.Success).Select(match => Spaces().Replace(match.Value.Trim(), " "))];

    [GeneratedRegex(@"0\.\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"\d_\d{5}\.png.*")]
    private static partial Regex FileRow();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^@(\w+) = (.*)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
