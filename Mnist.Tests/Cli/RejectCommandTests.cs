namespace Mnist.Tests.Cli;

/// <summary>Errors of <c>mnist reject</c> before it trains or evaluates.</summary>
internal sealed class RejectCommandTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Reject_ExistingFile_IsNotReplaced()
    {
        string target = _folder.Write("there", [1, 2, 3]);

        var run = await CliRun.InProcessAsync("reject", "--train", target);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain("--force"));
        Assert.That(File.ReadAllBytes(target), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Reject_WeightsWithoutDetector_SuggestsTrain()
    {
        string weights = _folder.PathOf("plain.safetensors");
        RandomCascade.Stages[0].Save(weights);

        var run = await CliRun.InProcessAsync("reject", "--weights", weights);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.Contain(weights).And.Contain("--train"));
    }
}
