using Mnist.Inference.Model;

namespace Mnist.Tests.Cli;

internal sealed class TrainCommandTests
{
    private const string Members =
        "architecture, epochs, batchSize, shardSize, seed, threads, learningRate, warmUpFraction, finalLearningRateFraction, weightDecay, batchNormalization, weightAveraging, "
        + "augmentation, cleanFinishFraction, temperature";

    private TemporaryFolder _folder = null!;
    private string _output = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _output = _folder.PathOf("out");
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Train_ResumeOfInvalidCheckpoint_PrintsOneLine()
    {
        string weights = _folder.PathOf("weights.safetensors");
        NetworkWeights.Random(Architectures.Vgg12, seed: 1).Save(weights);

        foreach (string file in new[] { weights, _folder.PathOf("missing.safetensors"), _folder.Write("empty", []) })
        {
            var run = await CliRun.InProcessAsync("train", "--resume", file, "--output", _output);

            Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, "")));
            Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.StartWith($"mnist: {file}: "));
        }

        Assert.That(Directory.Exists(_output), Is.False);
    }

    [Test]
    public async Task Train_RecipeAndOptions_OptionsOverrideTheRecipe()
    {
        string recipe = _folder.PathOf("recipe.json");
        File.WriteAllText(recipe, """{ "epochs": 3, "batchSize": 100, "learningRate": -1 }""");
        async Task<string> ErrorOf(string file, params string[] more) =>
            (await CliRun.InProcessAsync(["train", "--output", _output, "--recipe", file, .. more])).ErrorLines.Single();

        Assert.That(await ErrorOf(recipe), Does.Contain("BatchSize is 100"));
        Assert.That(await ErrorOf(recipe, "--batch", "64"), Does.Contain("LearningRate is -1"));
        Assert.That(await ErrorOf(recipe, "--batch", "64", "--learning-rate", "1", "--epochs", "0"), Does.Contain("Epochs is 0"));
        File.WriteAllText(recipe, """{ "epoch": 3 }""");
        Assert.That(await ErrorOf(recipe), Is.EqualTo($"mnist: {recipe}: 'epoch' is no option, expected {Members}"));
        Assert.That(await ErrorOf(_folder.PathOf("missing.json")), Does.Contain("missing.json"));
        Assert.That(Directory.Exists(_output), Is.False);
    }

    [TestCase("--epochs 0", "Epochs is 0, expected at least 1")]
    [TestCase("--batch 100", "BatchSize is 100, expected a multiple of the shard size 32")]
    [TestCase("--temperature 0", "Temperature is 0, expected 0.05 to 20")]
    [TestCase("--fast --recipe x.json", "--fast and --recipe exclude each other.")]
    [TestCase("--fast --batch 100", "BatchSize is 100, expected")]
    [TestCase("--architecture vgg13", "--architecture is 'vgg13', expected a file or one of tensorflask, vgg12")]
    public async Task Train_InvalidRecipe_WritesNothing(string arguments, string expected)
    {
        var run = await CliRun.InProcessAsync(["train", "--output", _output, "--data", _folder.PathOf("data"), .. arguments.Split(' ')]);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((64, "")));
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1).And.All.Contain(expected));
        Assert.That(Directory.EnumerateFileSystemEntries(_folder.Path), Is.Empty);
    }
}
