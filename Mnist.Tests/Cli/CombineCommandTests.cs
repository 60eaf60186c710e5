using Microsoft.ML.OnnxRuntime;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Cli;

/// <summary><c>mnist combine</c>, and the commands that read cascades.</summary>
internal sealed class CombineCommandTests
{
    private TemporaryFolder _folder = null!;
    private string[] _networks = null!;
    private string _cascade = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _networks = [_folder.PathOf("1.safetensors"), _folder.PathOf("2.safetensors")];
        _cascade = _folder.PathOf("cascade.safetensors");
        foreach (var (path, network) in _networks.Zip(RandomCascade.Stages))
        {
            network.Save(path);
        }
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Combine_WithRule_WritesTheNetworksInTheirOrder()
    {
        var run = await CombineAsync("--threshold", "0.3", "--temperature", "0.75");
        var network = Network.Load(_cascade);

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Is.EqualTo($"threshold 0.3, temperature 0.75{Environment.NewLine}wrote {_cascade} (SHA-256 {network.Sha256}){Environment.NewLine}"));
        Assert.That(network.Cascade, Is.EqualTo(new CascadeRule(0.3, 0.75)));
        foreach (var (path, stage) in _networks.Zip(network.Stages))
        {
            string copy = _folder.PathOf("copy");
            stage.Save(copy);
            Assert.That(File.ReadAllBytes(copy), Is.EqualTo(File.ReadAllBytes(path)));
        }
    }

    [Test]
    public async Task Evaluate_Cascade_PrintsItsCost()
    {
        await CombineAsync("--threshold", "0.3", "--temperature", "0.75");
        var network = Network.Load(_cascade);
        int escalated = BatchClassifier.Classify(network, TestData.MnistTest).Escalated;

        var text = await CliRun.InProcessAsync("evaluate", "--weights", _cascade, "--data", TestData.Folder);
        var json = await CliRun.InProcessAsync("evaluate", "--weights", _cascade, "--data", TestData.Folder, "--json");
        var single = await CliRun.InProcessAsync("evaluate", "--weights", RandomWeights.Path, "--data", TestData.Folder, "--json");

        Assert.That(escalated, Is.InRange(1000, 9000));
        Assert.That(text.Output, Does.Contain(FormattableString.Invariant(
            $"cascade      {escalated / 100.0:0.00} % escalated, mean {network.MeanMultiplyAdds(escalated / 10_000.0):N0} multiply-adds per image")));
        Assert.That(json.Json.GetProperty("cascade").GetProperty("escalated").GetDouble(), Is.EqualTo(escalated / 10_000.0));
        Assert.That(json.Json.GetProperty("cascade").GetProperty("meanMultiplyAdds").GetDouble(), Is.EqualTo(network.MeanMultiplyAdds(escalated / 10_000.0)));
        Assert.That(single.Json.TryGetProperty("cascade", out _), Is.False);
    }

    [Test]
    public async Task Export_Cascade_NeedsAMember()
    {
        await CombineAsync("--threshold", "0.3", "--temperature", "0.75");
        string onnx = _folder.PathOf("model.onnx");

        var without = await CliRun.InProcessAsync("export", "--weights", _cascade, "--onnx", onnx);
        var missing = await CliRun.InProcessAsync("export", "--weights", _cascade, "--onnx", onnx, "--member", "3");
        bool none = !File.Exists(onnx);
        var second = await CliRun.InProcessAsync("export", "--weights", _cascade, "--onnx", onnx, "--member", "2");

        Assert.That((without.ExitCode, missing.ExitCode, second.ExitCode, none), Is.EqualTo((1, 1, 0, true)));
        Assert.That(without.Error, Does.Contain("a cascade of 2 networks").And.Contain("Choose one with --member 1 to 2"));
        Assert.That(missing.Error, Does.Contain("--member is 3, expected 1 to 2"));
        using var session = new InferenceSession(onnx);
        Assert.That(session.ModelMetadata.CustomMetadataMap[NetworkWeights.ArchitectureKey], Is.EqualTo(RandomCascade.Stages[1].Architecture.ToJson()));
    }

    [Test]
    public async Task Combine_ExistingFile_IsReplacedOnlyWithForce()
    {
        File.WriteAllText(_cascade, "mine");

        var rejected = await CombineAsync("--threshold", "0.3", "--temperature", "0.75");
        string kept = File.ReadAllText(_cascade);
        var forced = await CombineAsync("--threshold", "0.3", "--temperature", "0.75", "--force");

        Assert.That(rejected, Is.EqualTo(new CliRun(1, "", $"mnist: '{_cascade}' exists. Use --force to replace it.{Environment.NewLine}")));
        Assert.That(kept, Is.EqualTo("mine"));
        Assert.That(forced.ExitCode, Is.Zero);
        Assert.That(Network.Load(_cascade).Stages, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Combine_InvalidNetworks_Exits1()
    {
        await CombineAsync("--threshold", "0.3", "--temperature", "0.75");
        string output = _folder.PathOf("output");
        foreach (var (path, reason) in new[]
        {
            (_cascade, "holds a cascade of 2 networks, expected a single one."),
            (RandomWeights.Other(side: 8, classCount: 3), "a network from 8x8x1 to 3 classes, expected 28x28x1 to 10"),
            (_folder.PathOf("missing"), "no such file"),
        })
        {
            var run = await CliRun.InProcessAsync("combine", _networks[0], path, "--threshold", "0.3", "--temperature", "1", "--output", output);

            Assert.That(run, Is.EqualTo(new CliRun(1, "", $"mnist: {path}: {reason}{Environment.NewLine}")));
        }

        Assert.That(File.Exists(output), Is.False);
    }

    [TestCase("1.safetensors --threshold 0.9 --temperature 1", "found 1 networks, expected 2")]
    [TestCase("1 2 3 --threshold 0.9 --temperature 1", "found 3 networks, expected 2")]
    [TestCase("1 2 --threshold 0.9", "--threshold and --temperature require each other")]
    [TestCase("1 2 --temperature 0.9", "--threshold and --temperature require each other")]
    [TestCase("1 2 --threshold 0.9 --temperature 1 --max-multiply-adds 9", "omit --max-multiply-adds and --data")]
    [TestCase("1 2 --threshold 1.1 --temperature 1", "threshold is 1.1, expected above 0 and at most 1")]
    [TestCase("1 2 --threshold NaN --temperature 1", "threshold is NaN")]
    [TestCase("1 2 --threshold 0.9 --temperature 0", "temperature is 0, expected above 0 and finite")]
    public async Task Combine_WrongUsage_Exits64WithOneLine(string arguments, string message)
    {
        var run = await CliRun.InProcessAsync(["combine", "--output", _cascade, .. arguments.Split(' ')]);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((64, "")));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.Contain(message));
        Assert.That(File.Exists(_cascade), Is.False);
    }

    private Task<CliRun> CombineAsync(params string[] options) => CliRun.InProcessAsync(["combine", .. _networks, "--output", _cascade, .. options]);
}
