using System.Globalization;
using Mnist.Cli;
using Mnist.Cli.Train;
using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Tests.Training;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Cli;

internal sealed class TrainingRunTests
{
    private const string ResumeCommand = "mnist train --resume here";

    private static readonly DigitDataset Training = TrainerTests.Digits(0, 640);
    private static readonly DigitDataset Validation = TrainerTests.Digits(5000, 200);

    private TemporaryFolder _folder = null!;
    private string _path = null!;
    private StringWriter _log = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _path = _folder.PathOf("checkpoint.safetensors");
        _log = new StringWriter();
    }

    [TearDown]
    public void TearDown()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Test]
    public void Train_ToTheEnd_LogsALineAnEpochWithTheTimeLeft()
    {
        var (_, end) = Train(Begin(TrainerTests.Quick));

        string[] lines = _log.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines[0], Is.EqualTo("6,186 parameters, 236,160 multiply-adds an image"));
        Assert.That(lines[1], Is.EqualTo($"640 images, 2 epochs, seed 5, {TrainerTests.Quick.Threads} threads; errors are on the validation images"));
        Assert.That(lines[2], Does.Match(@"^epoch 1/2  loss \d\.\d{4}  errors +\d+  +[\d,]+ images/s  \d+ s left$"));
        Assert.That(lines[3], Does.Match(@"^epoch 2/2  loss \d\.\d{4}  errors +\d+  +[\d,]+ images/s  \d+ s in all$"));
        Assert.That(end.Epochs.Select(epoch => epoch.ValidationErrors), Is.All.InRange(1, 200));
        Assert.That(Checkpoint.Load(_path).Epochs, Is.EqualTo(end.Epochs), "the last checkpoint stays until the results are written");
    }

    [Test]
    public void Train_Interrupted_KeepsTheRunAndGoesOnToTheSameBits()
    {
        var (weights, end) = Train(Begin(TrainerTests.Quick));

        using var cancellation = new CancellationTokenSource();
        _log.Dispose();
        _log = new FirstEpochWatch(cancellation.Cancel);
        var interruption = Assert.Throws<CommandException>(() => Train(Begin(TrainerTests.Quick), cancellation.Token))!;
        var kept = Checkpoint.Load(_path);
        var (resumedWeights, resumedEnd) = Train(kept);

        Assert.That((interruption.ExitCode, interruption.Message), Is.EqualTo((130, $"interrupted in epoch 2 of 2, nothing is lost; to go on: {ResumeCommand}")));
        Assert.That((kept.State.StepCount, kept.Epochs.Count), Is.EqualTo((10, 1)));
        Assert.That(TrainerTests.Values(resumedWeights), Is.EqualTo(TrainerTests.Values(weights)));
        Assert.That(resumedEnd.Epochs.Select(epoch => epoch with { ImagesPerSecond = 0 }), Is.EqualTo(end.Epochs.Select(epoch => epoch with { ImagesPerSecond = 0 })));
        Assert.That(_log.ToString(), Does.Contain("going on after epoch 1" + Environment.NewLine));
    }

    [Test]
    public void Train_WithValidationImages_FitsTheTemperatureOnThem()
    {
        var (weights, end) = Train(Begin(TrainerTests.Quick with { Temperature = 5 }));

        double temperature = end.Options.Temperature;
        float[] logits = BatchClassifier.Classify(Network.Create(weights), Validation).Logits;
        Assert.That(weights.Metadata["temperature"], Is.EqualTo(temperature.ToString(CultureInfo.InvariantCulture)));
        Assert.That(temperature, Is.Not.EqualTo(1).And.Not.EqualTo(5));
        Assert.That(TemperatureScaling.Fit(Validation.Labels, logits), Is.EqualTo(1).Within(0.002), "what is left to fit");
    }

    [Test]
    public void Train_WithoutValidationImages_TakesTheTemperatureOfTheRecipe()
    {
        var start = Begin(TrainerTests.Quick with { Temperature = 5 });

        var (weights, end) = Train(start, validation: null);
        var (plain, _) = Train(Begin(TrainerTests.Quick), validation: null);

        Assert.That(end.Options, Is.EqualTo(start.Options));
        Assert.That(TrainerTests.Values(weights), Is.EqualTo(TrainerTests.Values(TemperatureScaling.Fold(plain, 5))));
    }

    [Test]
    public void Train_ThatDiverges_EndsAtOnceAndLeavesTheCheckpoint()
    {
        var start = Begin(TrainerTests.Quick with { LearningRate = 1e30 });

        var failure = Assert.Throws<CommandException>(() => Train(start))!;

        Assert.That(failure.ExitCode, Is.EqualTo(1));
        Assert.That(failure.Message, Does.StartWith("training diverged: the loss of epoch 1 is no number after step "));
        Assert.That(Checkpoint.Load(_path).State.StepCount, Is.Zero);
    }

    [Test]
    public void Train_WhereNothingCanBeWritten_EndsBeforeTheFirstStep()
    {
        _path = _folder.PathOf(Path.Combine("missing", "checkpoint.safetensors"));

        var failure = Assert.Throws<CommandException>(() => Train(Begin(TrainerTests.Quick)))!;

        Assert.That(failure.ExitCode, Is.EqualTo(1));
        Assert.That(failure.Message, Does.Contain("missing").And.EndWith("--output names another folder."));
        Assert.That(_log.ToString(), Does.Not.Contain("epoch 1/2"));
    }

    [Test]
    public void Write_ThatFails_NamesTheCommandThatGoesOn()
    {
        _folder.Write("checkpoint.safetensors", [1]);
        var run = new TrainingRun(new Trainer(TrainerTests.Quick, Training), null, _path, ResumeCommand);

        var failure = Assert.Throws<CommandException>(() => run.Write(() => throw new IOException("No space left on device")))!;

        Assert.That(failure.Message, Is.EqualTo($"No space left on device; to go on from the last checkpoint: {ResumeCommand}"));
    }

    [Test]
    public void Prepare_WhereResultsOrAnotherRunAre_Refuses([Values("mnist.safetensors", "README.md", "checkpoint.safetensors", "report")] string name)
    {
        string mine = _folder.Write(name, [1]);
        string elsewhere = Path.Combine(Path.GetTempPath(), "checkpoint.safetensors");

        foreach (string? resumed in new[] { null, elsewhere })
        {
            Assert.That(
                () => TrainingFolder.Prepare(_folder.Path, force: false, resumed),
                Throws.InstanceOf<CommandException>().With.Message.Contains($"'{mine}'").And.Message.Contains("--force"));
        }

        Assert.That(() => TrainingFolder.Prepare(_folder.Path, force: true, resumed: null), Throws.Nothing);
        Assert.That(() => TrainingFolder.Prepare(_folder.Path, force: false, resumed: _path), Throws.Nothing, "a run may finish what it began");
        Assert.That(File.ReadAllBytes(mine), Is.EqualTo(new byte[] { 1 }));
    }

    [TestCase(0.2, "0 s")]
    [TestCase(59.4, "59 s")]
    [TestCase(59.6, "1 min 0 s")]
    [TestCase(185, "3 min 5 s")]
    [TestCase(1500, "25 min")]
    [TestCase(7805, "2 h 10 min")]
    public void Format_OfATime_IsShort(double seconds, string expected) =>
        Assert.That(TrainingView.Format(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    private static Checkpoint Begin(TrainingOptions options) => new()
    {
        Command = "mnist train",
        Options = options,
        Validation = true,
        ImageCount = Training.Count,
        DataSha256 = Checkpoint.Sha256(Training),
        State = new Trainer(options, Training).Save(),
        Epochs = [],
        TrainingTime = TimeSpan.Zero,
    };

    private (NetworkWeights Weights, Checkpoint End) Train(Checkpoint start, CancellationToken cancellationToken = default) =>
        Train(start, Validation, cancellationToken);

    private (NetworkWeights Weights, Checkpoint End) Train(Checkpoint start, DigitDataset? validation, CancellationToken cancellationToken = default)
    {
        var view = new TrainingView(start, _log, TextWriter.Null);
        var run = new TrainingRun(new Trainer(start.Options, Training), validation, _path, ResumeCommand);
        return view.Run(() => run.Train(start, view, cancellationToken));
    }

    /// <summary>Calls back at the line of the first epoch.</summary>
    private sealed class FirstEpochWatch(Action seen) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value!.StartsWith("epoch 1/", StringComparison.Ordinal))
            {
                seen();
            }
        }
    }
}
