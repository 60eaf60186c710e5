using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Synthesis;

namespace Mnist.Tests.Training;

internal sealed class CheckpointTests
{
    private const int StepsPerEpoch = 10;

    private TemporaryFolder _folder = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _path = _folder.PathOf("checkpoint.safetensors");
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(StepsPerEpoch - 1)]
    public void RunEpoch_ResumedFromCheckpoint_GivesTheBitsOfAnUninterruptedRun(int stepsOfSecondEpoch)
    {
        var digits = TrainerTests.Digits(0, 640);
        var whole = new Trainer(TrainerTests.Quick, digits);
        whole.RunEpoch();
        double loss = whole.RunEpoch().Loss;

        var stopped = new Trainer(TrainerTests.Quick, digits);
        stopped.RunEpoch();
        RunSteps(stopped, stepsOfSecondEpoch);
        Create(stopped.Save()).Save(_path);
        var resumed = new Trainer(TrainerTests.Quick, digits);
        resumed.Load(Checkpoint.Load(_path).State);
        double resumedLoss = resumed.RunEpoch().Loss;

        Assert.That(resumedLoss, Is.EqualTo(loss));
        Assert.That(TrainerTests.Values(resumed.Weights()), Is.EqualTo(TrainerTests.Values(whole.Weights())));
    }

    [Test]
    public void Load_AfterSave_ReturnsTheSame([Values] bool validation)
    {
        var trainer = new Trainer(TrainerTests.Quick, TrainerTests.Digits(0, 640));
        RunSteps(trainer, steps: 3);
        var saved = Create(trainer.Save()) with
        {
            Validation = validation,
            Epochs = [new EpochMetrics(0.123456789f, 1e-3f, 4321.5f, validation ? 57 : null), new EpochMetrics(0, 0, 1, validation ? 0 : null)],
        };

        saved.Save(_path);
        var loaded = Checkpoint.Load(_path);

        Assert.That((loaded.Command, loaded.Validation, loaded.ImageCount, loaded.DataSha256), Is.EqualTo((saved.Command, validation, 640, saved.DataSha256)));
        Assert.That(loaded.Epochs, Is.EqualTo(saved.Epochs));
        Assert.That(loaded.TrainingTime, Is.EqualTo(saved.TrainingTime));
        Assert.That(loaded.Options with { Architecture = TrainerTests.Small }, Is.EqualTo(saved.Options));
        Assert.That(loaded.Options.Architecture.ToJson(), Is.EqualTo(TrainerTests.Small.ToJson()));
        Assert.That((loaded.State.StepCount, loaded.State.EpochStep, loaded.State.EpochLoss), Is.EqualTo((3, 3, saved.State.EpochLoss)));
        Assert.That(loaded.State.SecondMoment, Is.EqualTo(saved.State.SecondMoment).And.Some.GreaterThan(0f));
    }

    [Test]
    public void Load_TruncatedOrAlteredFile_ThrowsOneLine()
    {
        Create(new Trainer(TrainerTests.Quick, TrainerTests.Digits(0, 640)).Save()).Save(_path);
        byte[] good = File.ReadAllBytes(_path);
        Checkpoint.Load(_path);

        for (int i = 0; i < good.Length; i += i < 3000 ? 101 : 10_007)
        {
            File.WriteAllBytes(_path, good[..i]);
            AssertThrows($"truncated after {i} bytes");
            byte[] altered = [.. good];
            altered[i] ^= 1;
            File.WriteAllBytes(_path, altered);
            AssertThrows($"byte {i} altered");
        }

        void AssertThrows(string what) =>
            Assert.That(() => Checkpoint.Load(_path), Throws.InstanceOf<InvalidDataException>().With.Message.StartsWith(_path).And.Message.Not.Contains("\n"), what);
    }

    [Test]
    public void Load_WeightsFile_SaysThatItIsNotACheckpoint()
    {
        NetworkWeights.Random(TrainerTests.Small, seed: 1).Save(_path);

        Assert.That(() => Checkpoint.Load(_path), Throws.InstanceOf<InvalidDataException>().With.Message.EndsWith("not a checkpoint of a training run"));
    }

    [Test]
    public void Difference_OtherRecipeOrData_NamesFoundAndExpected()
    {
        var quick = TrainerTests.Quick;
        var digits = TrainerTests.Digits(0, 640);
        var checkpoint = Create(new Trainer(quick, digits).Save());

        Assert.That(checkpoint.Difference(quick with { Threads = quick.Threads + 3 }, digits), Is.Null, "threads do not decide the result");
        Assert.That(checkpoint.Difference(quick with { Epochs = 30 }, digits), Is.EqualTo("was made with epochs 2, this is 30"));
        Assert.That(checkpoint.Difference(quick with { Augmentation = AugmentationOptions.None }, digits), Does.StartWith("was made with augmentation {"));
        Assert.That(
            checkpoint.Difference(quick with { Architecture = Architectures.Vgg12 }, digits),
            Is.EqualTo("was made with a network of 4 layers and 6,186 parameters, this is the network vgg12"));
        Assert.That(checkpoint.Difference(quick, TrainerTests.Digits(1, 640)), Does.StartWith("was made with 640 images (SHA-256 ").And.Contain("these are 640 (SHA-256 "));
    }

    [Test]
    public void Load_StateOfAnotherNetwork_ChangesNothing()
    {
        var digits = TrainerTests.Digits(0, 640);
        var trainer = new Trainer(TrainerTests.Quick, digits);
        var other = new Trainer(TrainerTests.Quick with { BatchNormalization = false }, digits);
        float[] before = TrainerTests.Values(trainer.Weights());

        Assert.That(() => trainer.Load(other.Save()), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("parameters, expected"));
        Assert.That(TrainerTests.Values(trainer.Weights()), Is.EqualTo(before));
    }

    /// <summary>Runs the first steps of an epoch, then cancels it.</summary>
    private static void RunSteps(Trainer trainer, int steps)
    {
        using var cancellation = new CancellationTokenSource();
        if (steps == 0)
        {
            cancellation.Cancel();
        }

        Assert.That(
            () => trainer.RunEpoch(progress => { if (progress.Step == steps) { cancellation.Cancel(); } }, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static Checkpoint Create(TrainerState state) => new()
    {
        Command = "mnist train --epochs 2",
        Options = TrainerTests.Quick,
        Validation = false,
        ImageCount = 640,
        DataSha256 = Checkpoint.Sha256(TrainerTests.Digits(0, 640)),
        State = state,
        Epochs = [],
        TrainingTime = TimeSpan.FromSeconds(12.5),
    };
}
