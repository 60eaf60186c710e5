using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Mnist.Cli;

namespace Mnist.SystemTests.Documents;

/// <summary>The guides: every code block runs and prints the block after it.</summary>
[CancelAfter(120_000)]
[Platform(Exclude = "Win", Reason = "runs Unix shells")]
public sealed partial class GuideTests
{
    private const string DefaultAddress = "http://127.0.0.1:8000";

    private ShippedServer _server = null!;
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await ShippedServer.StartAsync(TestContext.CurrentContext.CancellationToken);
        _folder = new TemporaryFolder();
        File.Copy(Repository.PathOf("docs", "seven.png"), _folder.PathOf("seven.png"));
        _folder.Write("photo.jpg", TestPhotos.Stroke);
        _folder.Write("notes.txt", "Buy ink."u8.ToArray());
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _folder.Dispose();
        _server.Dispose();
    }

    [TestCase("curl.md", "sh", 5, "bash", "curl")]
    [TestCase("python.md", "python", 3, "python3")]
    [TestCase("javascript.md", "js", 2, "node")]
    public async Task Block_OfAGuide_PrintsTheBlockAfterIt(string guide, string language, int count, params string[] programs)
    {
        foreach (string program in programs)
        {
            RequiredProgram.Check(program, program == "python3" ? ["-c", "import requests"] : ["--version"]);
        }

        var blocks = Markdown.Blocks(Read(guide));
        var (runnable, index) = (blocks.Index().Where(block => block.Item.Language == language).ToList(), 0);
        Assert.That(runnable, Has.Count.EqualTo(count));
        foreach (var (place, (_, text)) in runnable)
        {
            string script = _folder.PathOf($"{index++}.{(language == "js" ? "mjs" : language)}");
            await File.WriteAllTextAsync(script, text.Replace(DefaultAddress, _server.Address.ToString().TrimEnd('/'), StringComparison.Ordinal));
            var run = await RunAsync(programs[0], script);
            Assert.That(Rounded(run.Output + run.Error), Is.EqualTo(Rounded(blocks[place + 1].Text)), text);
        }
    }

    [Test]
    public async Task AspNetGuide_IsTheTestedCodeAndReadsAPhoto(CancellationToken cancellationToken)
    {
        string source = await File.ReadAllTextAsync(Repository.PathOf("Mnist.SystemTests", "Documents", "AspNetClientExample.cs"), cancellationToken);
        string[] lines = [.. Markdown.Blocks(Read("aspnet-client.md")).First(block => block.Language == "csharp").Text.Split('\n').Select(line => line.Trim())];
        Assert.That(lines.Where(line => line != "app.Run();" && !source.Contains(line, StringComparison.Ordinal)), Is.Empty);

        await using var app = AspNetClientExample.Build(["--urls=http://127.0.0.1:0", $"--Digits:BaseAddress={_server.Address}", "--Logging:LogLevel:Default=None"]);
        await app.StartAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.That(await PostAsync(TestPhotos.Stroke), Is.EqualTo((200, "1")));
        var (status, fault) = await PostAsync(TestPhotos.Draw());
        Assert.That((status, fault.Contains("blank", StringComparison.Ordinal)), Is.EqualTo((422, true)), fault);

        async Task<(int Status, string Body)> PostAsync(byte[] photo)
        {
            using var content = new ByteArrayContent(photo) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } };
            using var response = await client.PostAsync(new Uri("/digit", UriKind.Relative), content, cancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
    }

    [Test]
    public void RetrainingGuide_Commands_Exist()
    {
        string[] commands = [.. MnistCommand().Matches(Read("retraining.md")).Select(match => match.Groups[1].Value.Trim())];

        Assert.That(commands, Has.Length.GreaterThan(8));
        foreach (string command in commands)
        {
            Assert.That(CommandLine.Create().Parse(command.Split(' ')).Errors.Select(error => error.Message), Is.Empty, command);
        }
    }

    [TestCase("haproxy", "haproxy", "-v", "-c", "-f")]
    [TestCase("nginx", "nginx", "-v", "-t", "-e", "stderr", "-c")]
    public async Task ProxyGuide_Configurations_AreValid(string language, string program, string version, params string[] check)
    {
        RequiredProgram.Check(program, version);
        string text = Markdown.Blocks(Read("proxy.md")).Single(block => block.Language == language).Text;
        string certificate = _folder.PathOf("digits.pem");
        await File.WriteAllTextAsync(certificate, SelfSigned());
        string path = _folder.PathOf($"{program}.conf");
        await File.WriteAllTextAsync(path, text.Replace("/etc/ssl/digits.pem", certificate, StringComparison.Ordinal));

        var run = await RunAsync(program, [.. check, path]);

        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
    }

    private static string Read(string guide) => File.ReadAllText(Repository.PathOf("docs", "guides", guide));

    /// <summary>The last digits of a probability depend on the CPU having FMA.</summary>
    private static string Rounded(string text) => Number().Replace(text.Trim(), number => number.Value[..6]);

    private static string SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem() + '\n' + key.ExportPkcs8PrivateKeyPem();
    }

    private async Task<CliRun> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        return await CliRun.OfAsync(process, TimeSpan.FromMinutes(1));
    }

    [GeneratedRegex(@"\b0\.\d{4,}")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?:^|`)mnist ([^`\n]+)", RegexOptions.Multiline)]
    private static partial Regex MnistCommand();
}
