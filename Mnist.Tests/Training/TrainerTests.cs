using Mnist.Inference;
using Mnist.Inference.Model;
using Mnist.Training;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Training;

[TestFixture]
internal sealed class TrainerTests
{
    internal static readonly NetworkArchitecture Small = new(new Shape(28, 28, 1),
    [
        new ConvolutionLayer(5, 16, Padding.Valid), new ReluLayer(), new MaxPoolLayer(4), new DenseLayer(10),
    ]);

    internal static readonly TrainingOptions Quick = new() { Architecture = Small, Epochs = 2, BatchSize = 64, ShardSize = 16, Seed = 5 };

    /// <summary>Test digits; no figure is reported on them, so the tests may train on them.</summary>
    internal static DigitDataset Digits(int start, int count) => TestData.MnistTest.Slice(start, count);

    [Test]
    public void Run_OnTwoThousandDigits_LearnsToReadOthers([Values] bool batchNormalization)
    {
        var trainer = new Trainer(Quick with { BatchNormalization = batchNormalization, Epochs = 4, WeightAveraging = 0.9 }, Digits(0, 2000));
        var losses = new List<double>();
        trainer.Run(epochDone: epoch => losses.Add(epoch.Loss));

        var others = Digits(5000, 1000);
        Assert.That(losses, Has.Count.EqualTo(4));
        Assert.That(losses[^1], Is.LessThan(losses[0] / 2));
        Assert.That(EvaluationResult.Measure(Network.Create(trainer.Weights()), others).Accuracy, Is.GreaterThan(0.8));
    }

    [TestCase(0, 0.25, 0.0)]
    [TestCase(0.5, 0.25, 0.5)]
    [TestCase(1, 0, 1.0)]
    public void RunEpoch_WarmUpAndCosine_GiveTheLearningRateOfEachStep(double finalShare, double warmUp, double expected)
    {
        var rates = new List<double>();
        var trainer = new Trainer(
            Quick with { Epochs = 1, LearningRate = 1e-3, WarmUpFraction = warmUp, FinalLearningRateFraction = finalShare }, Digits(0, 640));

        trainer.RunEpoch(progress => rates.Add(progress.LearningRate));

        Assert.That(rates.Max(), Is.EqualTo(1e-3).Within(3e-5));
        Assert.That(rates[^1], Is.EqualTo(1e-3 * expected).Within(3e-5));
        Assert.That(rates[0], warmUp > 0 ? Is.EqualTo(0.2e-3).Within(1e-9) : Is.EqualTo(1e-3));
    }

    [Test]
    public void Weights_OfOneSeed_AreTheSameBitsForAnyThreadCount()
    {
        float[] one = Train(Quick with { Threads = 1 });
        Assert.That(Train(Quick with { Threads = 2 }), Is.EqualTo(one));
        Assert.That(Train(Quick with { Threads = 5 }), Is.EqualTo(one));
        Assert.That(Train(Quick with { Seed = 6 }), Is.Not.EqualTo(one));
    }

    [Test]
    public void Weights_WithBatchNormalizationFolded_GiveTheTrainersLoss()
    {
        // One shard holds all images, so the folded statistics are those of the shard.
        var options = Quick with { Epochs = 3, BatchSize = 64, ShardSize = 64, WeightAveraging = 0, CleanFinishFraction = 1 };
        var digits = Digits(0, 64);
        var trainer = new Trainer(options, digits);
        trainer.RunEpoch();
        trainer.RunEpoch();
        var weights = trainer.Weights();
        double loss = trainer.RunEpoch().Loss;

        float[] probabilities = BatchClassifier.Classify(Network.Create(weights), digits).Probabilities();
        double expected = -Enumerable.Range(0, 64).Average(i => Math.Log(probabilities[(i * 10) + digits.Labels[i]]));
        Assert.That(loss, Is.EqualTo(expected).Within(1e-4), "the loss of the third epoch is that of the weights after the second");
    }

    [Test]
    public void RunEpoch_Cancelled_StopsAfterTheStep()
    {
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(Quick, Digits(0, 640));
        int steps = 0;
        Assert.That(() => trainer.RunEpoch(_ => { steps++; cancellation.Cancel(); }, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(1));
    }

    [Test]
    public void Constructor_OptionOutOfRange_SaysWhatIsExpected()
    {
        AssertFails(Quick with { Epochs = 0 }, "Epochs is 0, expected at least 1");
        AssertFails(Quick with { BatchSize = 50 }, "BatchSize is 50, expected a multiple of the shard size 16");
        AssertFails(Quick with { Threads = 0 }, "Threads is 0");
        AssertFails(Quick with { LearningRate = 0 }, "LearningRate is 0");
        AssertFails(Quick with { LearningRate = double.NaN }, "LearningRate is NaN");
        AssertFails(Quick with { Architecture = new NetworkArchitecture(new Shape(8, 8, 1), [new DenseLayer(10)]) }, "expected 28x28x1 images");
        AssertFails(Quick with { Architecture = new NetworkArchitecture(new Shape(28, 28, 1), [new DenseLayer(5)]) }, "expected 0 to 4 for a network of 5 classes");
        AssertFails(Quick with { BatchSize = 2048 }, "1000 training images, expected at least one batch of 2048");

        static void AssertFails(TrainingOptions options, string message) =>
            Assert.That(() => new Trainer(options, Digits(0, 1000)), Throws.ArgumentException.With.Message.Contains(message));
    }

    private static float[] Train(TrainingOptions options)
    {
        var trainer = new Trainer(options, Digits(0, 640));
        trainer.Run();
        return Values(trainer.Weights());
    }

    /// <summary>All parameters of the small network.</summary>
    internal static float[] Values(NetworkWeights weights) => [.. Small.Parameters.SelectMany(parameter => weights[parameter.Name].ToArray())];
}
