namespace Mnist.Tests.Cli;

public sealed class ReadCommandTests
{
    private const string Response =
        """{"responses":[{"text":"93","probability":0.375,"digits":[{"class":9,"probability":0.75,"box":{"x":1,"y":2,"width":3,"height":4}},{"class":3,"probability":0.5,"box":{"x":5,"y":6,"width":7,"height":8}}]}]}""";

    private const string Rejection =
        """{"type":"urn:mnist:problem:blank-image","title":"There is nothing on an image","status":422,"errors":{"requests[0].image":["is blank."]}}""";

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Read_Files_PrintsReadingsAndRejections()
    {
        await using var server = new ScriptedServer((request, reply) => request.Images()[0][0] == 1 ? reply.JsonAsync(200, Response) : reply.JsonAsync(422, Rejection));
        string[] files = [_folder.Write("[red]a.jpg", [1]), _folder.Write("b.png", [2]), Path.Combine(_folder.Path, "missing.png")];

        var run = await CliRun.InProcessAsync(["read", .. files, "--server", server.Address.ToString()]);

        string[] lines = [.. run.Output.Split(Environment.NewLine).Select(line => line.TrimEnd())];
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((1, "")));
        Assert.That(lines, Has.One.Matches(@"\[red\]a\.jpg +93 +37\.50 % +9 75\.00 %  3 50\.00 %$"));
        Assert.That(lines, Has.One.Matches(@"b\.png +- +- +rejected: is blank\.$"));
        Assert.That(lines, Has.One.Matches(@"missing\.png +- +- +rejected: .+$"));
        Assert.That(run.Output, Does.Not.Contain('\u001b'));
    }

    [Test]
    public async Task Read_AsJson_HasTheBoxOfEachDigit()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, Response));

        var run = await CliRun.InProcessAsync("read", _folder.Write("a.jpg", [1]), "--json", "--server", server.Address.ToString());

        var image = run.Json.GetProperty("images")[0];
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(image.GetProperty("text").GetString(), Is.EqualTo("93"));
        Assert.That(image.GetProperty("digits")[1].GetProperty("box").GetProperty("width").GetInt32(), Is.EqualTo(7));
    }

    [Test]
    public async Task Read_ServerFailsMidway_PrintsTheCompletedFiles()
    {
        await using var server = new ScriptedServer((request, reply) => request.Images()[0][0] == 1 ? reply.JsonAsync(200, Response) : reply.JsonAsync(500, "{}"));

        var run = await CliRun.InProcessAsync("read", _folder.Write("a.jpg", [1]), _folder.Write("b.jpg", [2]), "--server", server.Address.ToString());

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Output, Does.Match(@"a\.jpg +93 ").And.Not.Contain("b.jpg"));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Read_NoServer_Exits2() =>
        Assert.That((await CliRun.InProcessAsync("read", _folder.Write("a.jpg", [1]), "--server", "http://127.0.0.1:1")).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task Read_WithoutFiles_IsWrongUsage() => Assert.That((await CliRun.InProcessAsync("read")).ExitCode, Is.EqualTo(64));
}
