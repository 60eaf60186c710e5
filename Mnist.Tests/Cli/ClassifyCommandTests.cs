using System.Text.Json;
using Mnist.Tests.Client;

namespace Mnist.Tests.Cli;

/// <summary><c>mnist classify</c> with scripted servers, which classify each file as its first byte; 255 marks an invalid image.</summary>
internal sealed class ClassifyCommandTests
{
    private const byte BadImage = 255;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Classify_Files_PrintsTableAndSummary()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        string[] files = [_folder.Write("7_a.png", [7]), _folder.Write("3_b.png", [4]), _folder.Write("[red]c.png", [5])];

        var run = await CliRun.InProcessAsync(["classify", .. files, "--server", server.Address.ToString()]);

        string[] lines = [.. run.Output.Split(Environment.NewLine).Select(line => line.Trim())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
            Assert.That(lines, Has.One.StartsWith(files[0]).And.One.Matches(@"7_a\.png\W+7\W+50\.00 %\W+correct$"));
            Assert.That(lines, Has.One.Matches(@"3_b\.png\W+4\W+50\.00 %\W+wrong, it is 3$"));
            Assert.That(lines, Has.One.Matches(@"\[red\]c\.png\W+5\W+50\.00 %"));
            Assert.That(lines, Has.One.Matches(@"^1 of 2 correct, 3 of 3 classified, \d+\.\d\d s$"));
            Assert.That(run.Output, Does.Not.Contain('\u001b'));
        }
    }

    [Test]
    public async Task Classify_FolderAsJson_PrintsFilesInNaturalOrder()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        _folder.Write("10.png", [1]);
        _folder.Write("2.png", [2]);
        _folder.Write("3-x.png", [8]);
        _folder.Write("notes.txt", [9]);

        var run = await CliRun.InProcessAsync("classify", "--folder", _folder.Path, "--json", "--server", server.Address.ToString());

        var images = run.Json.GetProperty("images").EnumerateArray().ToArray();
        var summary = run.Json.GetProperty("summary");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
            Assert.That(images.Select(image => Path.GetFileName(image.GetProperty("file").GetString())), Is.EqualTo(["2.png", "3-x.png", "10.png"]));
            Assert.That(images.Select(image => image.GetProperty("class").GetInt32()), Is.EqualTo([2, 8, 1]));
            Assert.That(images.Select(image => image.GetProperty("probability").GetDouble()), Is.All.EqualTo(0.5));
            Assert.That(images.Take(2).Select(image => image.GetProperty("label").GetInt32()), Is.EqualTo([2, 3]));
            Assert.That(images.Take(2).Select(image => image.GetProperty("correct").GetBoolean()), Is.EqualTo([true, false]));
            Assert.That(images[2].TryGetProperty("label", out _), Is.False);
            Assert.That(Counts(summary), Is.EqualTo((3, 3, 0)));
            Assert.That((summary.GetProperty("labelled").GetInt32(), summary.GetProperty("correct").GetInt32()), Is.EqualTo((2, 1)));
        }
    }

    [Test]
    public async Task Classify_UnreadableFiles_AreReportedAndOthersClassified()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        string missing = Path.Combine(_folder.Path, "missing.png");
        string[] files = [missing, _folder.Write("1.png", [1]), _folder.Path, _folder.Write("large.png", new byte[16385]), _folder.Write("2.png", [2])];

        var run = await CliRun.InProcessAsync(["classify", .. files, "--json", "--server", server.Address.ToString()]);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Errors(run), Has.Exactly(3).Not.Empty);
        Assert.That(Errors(run)[0], Does.Contain(missing));
        Assert.That(Errors(run)[2], Does.Contain("--folder"));
        Assert.That(Errors(run)[3], Does.Contain("16384").And.Contain("--normalize"));
        Assert.That(server.Requests.SelectMany(request => request.Images()), Is.EqualTo(new byte[][] { [1], [2] }));
    }

    [Test]
    public async Task Classify_ServerRejectsSomeImages_ClassifiesTheOthers()
    {
        await using var server = RejectingServer();
        for (int i = 0; i < 600; i++)
        {
            _folder.Write($"{i}.png", [i is 0 or 70 or 599 ? BadImage : (byte)(i % 10)]);
        }

        var run = await CliRun.InProcessAsync("classify", "--folder", _folder.Path, "--json", "--server", server.Address.ToString());

        var classes = run.Json.GetProperty("images").EnumerateArray().Select(image => image.TryGetProperty("class", out var value) ? value.GetInt32() : -1);
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(classes, Is.EqualTo(Enumerable.Range(0, 600).Select(i => i is 0 or 70 or 599 ? -1 : i % 10)));
        Assert.That(Errors(run).Where(error => error.Length > 0), Is.EqualTo(Enumerable.Repeat("The image is cut off.", 3)));
        Assert.That(Counts(run.Json.GetProperty("summary")), Is.EqualTo((600, 597, 3)));
        Assert.That(server.Requests.Select(request => request.Images().Length), Is.All.InRange(1, 64));
    }

    [Test]
    public async Task Classify_RejectedFile_ShowsTheMessageInTheTable()
    {
        await using var server = RejectingServer();

        var run = await CliRun.InProcessAsync("classify", _folder.Write("bad.png", [BadImage]), _folder.Write("1.png", [1]), "--server", server.Address.ToString());

        Assert.That(run.Output, Does.Contain("rejected: The image is cut off.").And.Contain("1 of 1 correct, 1 of 2 classified, 1 rejected"));
    }

    [Test]
    public async Task Classify_Reject_MarksImagesThatAreNotDigits()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-reject.json")));
        string[] arguments = ["classify", _folder.Write("7.png", [7]), _folder.Write("2.png", [2]), _folder.Write("x.png", [8]), "--reject", "--server", server.Address.ToString()];

        var table = await CliRun.InProcessAsync(arguments);
        var json = await CliRun.InProcessAsync([.. arguments, "--json"]);

        Assert.That((table.ExitCode, table.Error), Is.EqualTo((0, "")));
        Assert.That(server.Requests.Select(request => request.RequestLine), Is.All.Contain("?reject=true "));
        Assert.That(table.Output, Does.Match(@"7\.png +7 +99\.98 % +correct").And.Match(@"2\.png +- +- +not a digit: low").And.Match(@"x\.png +- +- +not a digit\r?\n"));
        Assert.That(table.Output, Does.Contain("1 of 2 correct"));
        var images = json.Json.GetProperty("images").EnumerateArray().ToArray();
        Assert.That(images.Select(image => image.GetProperty("digit").GetBoolean()), Is.EqualTo(new[] { true, false, false }));
        Assert.That(images[2].GetProperty("reason").GetString(), Is.EqualTo("not_a_digit"));
    }

    [Test]
    public async Task Classify_NormalizeAndPreview_WritesThePreview()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-preview.json")));
        string photo = _folder.Write("1_photo.jpg", new byte[100_000]);
        string preview = Path.Combine(_folder.Path, "preview.png");

        var run = await CliRun.InProcessAsync("classify", photo, "--normalize", "--preview", preview, "--server", server.Address.ToString());

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(server.Requests.Single().RequestLine, Does.Contain("?normalize=true&preview=true "));
        Assert.That(server.Requests.Single().Images().Single(), Has.Length.EqualTo(100_000));
        Assert.That(File.ReadAllBytes(preview), Is.EqualTo(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }));
    }

    [Test]
    public async Task Classify_InvalidPreview_IsWrongUsage()
    {
        string photo = _folder.Write("1.png", [1]);

        var several = await CliRun.InProcessAsync("classify", photo, photo, "--preview", "out.png");
        var itself = await CliRun.InProcessAsync("classify", photo, "--preview", photo);

        Assert.That((several.ExitCode, itself.ExitCode), Is.EqualTo((64, 64)));
        Assert.That(several.Error, Does.Contain("--preview is for a single image file."));
        Assert.That(itself.Error, Does.Contain("which is the image itself"));
    }

    [TestCase(400, "{\"title\":\"Too many images.\"}")]
    [TestCase(413, "")]
    [TestCase(422, "{\"errors\":{\"requests[7].image\":[\"There is no such image.\"]}}")]
    public async Task Classify_RejectionWithoutIndex_RejectsAllFiles(int status, string body)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(status, body));

        var run = await CliRun.InProcessAsync("classify", _folder.Write("1.png", [1]), _folder.Write("2.png", [2]), "--json", "--server", server.Address.ToString());

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Errors(run), Has.Length.EqualTo(2).And.All.Contains($"{status}"));
    }

    [Test]
    public async Task Classify_NoServer_Exits2WithOneLine()
    {
        string address = ScriptedServer.ClosedAddress().ToString();

        var table = await CliRun.InProcessAsync("classify", _folder.Write("1.png", [1]), "--server", address);
        var json = await CliRun.InProcessAsync("classify", _folder.Write("1.png", [1]), "--json", "--server", address);

        Assert.That((table.ExitCode, json.ExitCode), Is.EqualTo((2, 2)));
        Assert.That(table.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(table.Error, Does.StartWith($"mnist: {address} could not be reached"));
        Assert.That(table.Output, Is.Empty);
        Assert.That(json.Json.GetProperty("error").GetString(), Does.Contain("could not be reached"));
    }

    [TestCase(503)]
    [TestCase(500)]
    [TestCase(404)]
    public async Task Classify_ServerError_Exits2(int status)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(status, "{\"title\":\"Not\\nnow.\\u001b[31m\"}", "Retry-After: 3600"));

        var run = await CliRun.InProcessAsync("classify", _folder.Write("1.png", [1]), "--server", server.Address.ToString());

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.Contains($"{status}").And.All.Contains("Not now."));
        Assert.That(run.Error, Does.Not.Contain('\u001b'));
    }

    [Test]
    public async Task Classify_ServerFailsMidway_ReportsTheCompletedFiles()
    {
        await using var server = new ScriptedServer((request, reply) => request.Number < 4 ? reply.EchoAsync(request) : reply.JsonAsync(500, ""));
        string[] files = [.. Enumerable.Range(0, 300).Select(i => _folder.Write($"{i}.png", [1]))];

        var run = await CliRun.InProcessAsync(["classify", .. files, "--json", "--server", server.Address.ToString()]);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Json.GetProperty("images").GetArrayLength(), Is.EqualTo(256));
        Assert.That(Counts(run.Json.GetProperty("summary")), Is.EqualTo((300, 256, 0)));
    }

    [Test]
    public async Task Classify_FolderWithoutImages_Exits1()
    {
        var run = await CliRun.InProcessAsync("classify", "--folder", _folder.Path);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.Contains(_folder.Path));
    }

    [Test]
    public async Task Classify_Cancelled_Exits130()
    {
        await using var server = new ScriptedServer((_, reply) => reply.ClientGoneAsync());
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var run = await CliRun.InProcessAsync(["classify", _folder.Write("1.png", [1]), "--server", server.Address.ToString()], cancellation.Token);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((130, "")));
        Assert.That(run.ErrorLines, Is.EqualTo(["mnist: interrupted."]));
    }

    private static ScriptedServer RejectingServer() => new((request, reply) =>
    {
        string errors = string.Join(',', request.Images().Index().Where(image => image.Item[0] == BadImage)
            .Select(image => $"\"requests[{image.Index}].image\":[\"The image is cut off.\"]"));
        return errors.Length == 0 ? reply.EchoAsync(request) : reply.JsonAsync(422, $"{{\"errors\":{{{errors}}}}}");
    });

    private static string[] Errors(CliRun run) => [.. run.Json.GetProperty("images").EnumerateArray()
        .Select(image => image.TryGetProperty("error", out var error) ? error.GetString()! : "")];

    private static (int Files, int Answered, int Rejected) Counts(JsonElement summary)
        => (summary.GetProperty("files").GetInt32(), summary.GetProperty("answered").GetInt32(), summary.GetProperty("rejected").GetInt32());
}
