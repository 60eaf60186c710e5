using Microsoft.ML.OnnxRuntime;
using Mnist.Inference.Model;
using Mnist.Training.Export;

namespace Mnist.Tests.Cli;

public class ExportCommandTests
{
    private TemporaryFolder _folder = null!;
    private string _weights = null!;
    private string _onnx = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _weights = Path.Combine(_folder.Path, "random.safetensors");
        _onnx = Path.Combine(_folder.Path, "model.onnx");
        NetworkWeights.Random(Architectures.TensorFlask, seed: 1).Save(_weights);
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Export_Network_WritesAModelThatOnnxRuntimeLoads()
    {
        var (exitCode, output, error) = await CliRun.InProcessAsync("export", "--weights", _weights, "--onnx", _onnx);

        Assert.That(error, Is.Empty);
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Is.EqualTo($"{_onnx}: {new FileInfo(_onnx).Length} bytes{Environment.NewLine}"));
        using var session = new InferenceSession(_onnx);
        Assert.That(session.InputMetadata[OnnxExporter.Images].Dimensions, Is.EqualTo(new[] { -1, 1, 28, 28 }));
        Assert.That(session.InputMetadata[OnnxExporter.Images].SymbolicDimensions[0], Is.EqualTo("N"));
        Assert.That(session.OutputMetadata.Keys, Is.EqualTo(new[] { OnnxExporter.Logits, OnnxExporter.Probabilities }));
        Assert.That(session.OutputMetadata[OnnxExporter.Probabilities].Dimensions, Is.EqualTo(new[] { -1, 10 }));
        Assert.That(session.ModelMetadata.CustomMetadataMap[NetworkWeights.ArchitectureKey], Is.EqualTo(Architectures.TensorFlask.ToJson()));
    }

    [Test]
    public async Task Export_ExistingFile_IsReplacedOnlyWithForce()
    {
        File.WriteAllText(_onnx, "mine");

        var rejected = await CliRun.InProcessAsync("export", "--weights", _weights, "--onnx", _onnx);
        string kept = File.ReadAllText(_onnx);
        var forced = await CliRun.InProcessAsync("export", "--weights", _weights, "--onnx", _onnx, "--force");

        Assert.That(rejected, Is.EqualTo(new CliRun(1, "", $"mnist: '{_onnx}' exists. Use --force to replace it.{Environment.NewLine}")));
        Assert.That(kept, Is.EqualTo("mine"));
        Assert.That(forced.ExitCode, Is.Zero);
        Assert.That(new FileInfo(_onnx).Length, Is.GreaterThan(3_000_000));
        Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(2), "no temporary file remains");
    }

    [Test]
    public async Task Export_MissingFolder_Exits1WithOneLine()
    {
        var (exitCode, _, error) = await CliRun.InProcessAsync("export", "--weights", _weights, "--onnx", Path.Combine(_folder.Path, "missing", "model.onnx"));

        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(error, Does.StartWith("mnist: ").And.Contain("missing").And.EndWith("\n"));
    }
}
