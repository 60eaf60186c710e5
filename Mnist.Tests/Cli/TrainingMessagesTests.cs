using Mnist.Cli.Commands.Train;
using Mnist.Cli.Shared;
using Mnist.Inference.Model;
using Mnist.Tests.Training;
using Mnist.Training;

namespace Mnist.Tests.Cli;

/// <summary>The lines and errors that <c>mnist train</c> prints during a run.</summary>
internal sealed class TrainingMessagesTests
{
    private const string ResumeCommand = "mnist train --resume here";


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
    public void Train_ToTheEnd_LogsOneLinePerEpoch()
    {
        var (_, end) = Train(TrainingRunTests.Begin(TrainerTests.Quick));

        string[] lines = _log.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(lines[0], Is.EqualTo("6,186 parameters, 236,160 multiply-adds per image"));
        Assert.That(lines[1], Is.EqualTo($"640 images, 2 epochs, seed 5, {TrainerTests.Quick.Threads} threads; errors are those on the validation images"));
        Assert.That(lines[2], Does.Match(@"^epoch 1/2  loss \d\.\d{4}  errors +\d+  +[\d,]+ images/s  \d+ s left$"));
        Assert.That(lines[3], Does.Match(@"^epoch 2/2  loss \d\.\d{4}  errors +\d+  +[\d,]+ images/s  \d+ s in total$"));
        Assert.That(end.Epochs.Select(epoch => epoch.ValidationErrors), Is.All.InRange(1, 200));
        Assert.That(Checkpoint.Load(_path).Epochs, Is.EqualTo(end.Epochs), "the last checkpoint stays until the results are written");
    }

    [Test]
    public void Train_Interrupted_ResumesToTheSameBits()
    {
        var (weights, end) = Train(TrainingRunTests.Begin(TrainerTests.Quick));

        using var cancellation = new CancellationTokenSource();
        _log.Dispose();
        _log = new FirstEpochWatch(cancellation.Cancel);
        var interruption = Assert.Throws<CommandException>(() => Train(TrainingRunTests.Begin(TrainerTests.Quick), cancellation.Token))!;
        var kept = Checkpoint.Load(_path);
        var (resumedWeights, resumedEnd) = Train(kept);

        Assert.That((interruption.ExitCode, interruption.Message), Is.EqualTo((130, $"interrupted in epoch 2 of 2, nothing is lost; to resume: {ResumeCommand}")));
        Assert.That((kept.State.StepCount, kept.Epochs.Count), Is.EqualTo((10, 1)));
        Assert.That(TrainerTests.Values(resumedWeights), Is.EqualTo(TrainerTests.Values(weights)));
        Assert.That(resumedEnd.Epochs.Select(epoch => epoch with { ImagesPerSecond = 0 }), Is.EqualTo(end.Epochs.Select(epoch => epoch with { ImagesPerSecond = 0 })));
        Assert.That(_log.ToString(), Does.Contain("resuming after epoch 1" + Environment.NewLine));
    }

    [Test]
    public void Train_Diverges_EndsAtOnceAndKeepsTheCheckpoint()
    {
        var start = TrainingRunTests.Begin(TrainerTests.Quick with { LearningRate = 1e30 });

        var failure = Assert.Throws<CommandException>(() => Train(start))!;

        Assert.That(failure.ExitCode, Is.EqualTo(1));
        Assert.That(failure.Message, Does.StartWith("training diverged: the loss of epoch 1 is no number after step "));
        Assert.That(Checkpoint.Load(_path).State.StepCount, Is.Zero);
    }

    [Test]
    public void Train_FolderNotWritable_EndsBeforeTheFirstStep()
    {
        _path = _folder.PathOf(Path.Combine("missing", "checkpoint.safetensors"));

        var failure = Assert.Throws<CommandException>(() => Train(TrainingRunTests.Begin(TrainerTests.Quick)))!;

        Assert.That(failure.ExitCode, Is.EqualTo(1));
        Assert.That(failure.Message, Does.Contain("missing").And.EndWith("choose another folder with --output."));
        Assert.That(_log.ToString(), Does.Not.Contain("epoch 1/2"));
    }

    [Test]
    public void Run_WriteFails_NamesTheCommandThatResumes()
    {
        _folder.Write("checkpoint.safetensors", [1]);
        var hint = new ResumeHint(_path, ResumeCommand);

        var failure = Assert.Throws<CommandException>(() => hint.Run<int>(() => throw new IOException("No space left on device")))!;

        Assert.That(failure.Message, Is.EqualTo($"No space left on device; to resume from the last checkpoint: {ResumeCommand}"));
    }

    [Test]
    public void Prepare_ResultsOrAnotherRunExist_Throws([Values("mnist.safetensors", "README.md", "checkpoint.safetensors", "report")] string name)
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

    private (NetworkWeights Weights, Checkpoint End) Train(Checkpoint start, CancellationToken cancellationToken = default)
    {
        var view = new TrainingView(start, _log, TextWriter.Null);
        var run = new TrainingRun(new Trainer(start.Options, TrainingRunTests.Training), TrainingRunTests.Validation, _path);
        return view.Run(() => new ResumeHint(_path, ResumeCommand).Run(() => run.Train(start, view.Show, view.ShowEpoch, cancellationToken)));
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
