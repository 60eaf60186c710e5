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

    /// <summary>MNIST digits on which nothing is reported: what the trainer learns from them is only that it can learn.</summary>
    internal static DigitDataset Digits(int start, int count) => TestData.MnistTest.Slice(start, count);

    [Test]
    public void RunEpoch_OnTwoThousandDigits_LearnsToReadOthers([Values] bool batchNormalization)
    {
        var trainer = new Trainer(Quick with { BatchNormalization = batchNormalization, Epochs = 4, WeightAveraging = 0.9 }, Digits(0, 2000));
        double first = trainer.RunEpoch(1);
        double last = first;
        for (int epoch = 2; epoch <= 4; epoch++)
        {
            last = trainer.RunEpoch(epoch);
        }

        var others = Digits(5000, 1000);
        var result = EvaluationResult.FromProbabilities(others.Labels, BatchClassifier.Classify(Network.Create(trainer.Weights()), others).Probabilities());
        Assert.That(last, Is.LessThan(first / 2));
        Assert.That(result.Accuracy, Is.GreaterThan(0.8));
    }

    [TestCase(0, 0.25, 0.0)]
    [TestCase(0.5, 0.25, 0.5)]
    [TestCase(1, 0, 1.0)]
    public void RunEpoch_TakesTheLearningRateUpAndDownToItsFinalShare(double finalShare, double warmUp, double expected)
    {
        var rates = new List<double>();
        var trainer = new Trainer(
            Quick with { Epochs = 1, LearningRate = 1e-3, WarmUpFraction = warmUp, FinalLearningRateFraction = finalShare }, Digits(0, 640));

        trainer.RunEpoch(1, progress => rates.Add(progress.LearningRate));

        Assert.That(rates.Max(), Is.EqualTo(1e-3).Within(3e-5));
        Assert.That(rates[^1], Is.EqualTo(1e-3 * expected).Within(3e-5));
        Assert.That(rates[0], warmUp > 0 ? Is.EqualTo(0.2e-3).Within(1e-9) : Is.EqualTo(1e-3));
    }

    [Test]
    public void Weights_OfOneSeed_AreTheSameBitsWithAnyNumberOfThreads()
    {
        float[] one = Train(Quick with { Threads = 1 });
        Assert.That(Train(Quick with { Threads = 2 }), Is.EqualTo(one));
        Assert.That(Train(Quick with { Threads = 5 }), Is.EqualTo(one));
        Assert.That(Train(Quick with { Seed = 6 }), Is.Not.EqualTo(one));
    }

    [Test]
    public void Weights_WithBatchNormalizationFolded_EqualTheNetworkThatWasTrained()
    {
        // One shard holds all images, so its statistics are those that are folded.
        var options = Quick with { Epochs = 3, BatchSize = 64, ShardSize = 64, WeightAveraging = 0, CleanFinishFraction = 1 };
        var digits = Digits(0, 64);
        var trainer = new Trainer(options, digits);
        double loss = trainer.RunEpoch(1);
        loss = trainer.RunEpoch(2);
        var weights = trainer.Weights();
        loss = trainer.RunEpoch(3);

        float[] probabilities = BatchClassifier.Classify(Network.Create(weights), digits).Probabilities();
        double expected = -Enumerable.Range(0, 64).Average(i => Math.Log(probabilities[(i * 10) + digits.Labels[i]]));
        Assert.That(loss, Is.EqualTo(expected).Within(1e-4), "the loss of the third epoch is that of the weights after the second");
    }

    [Test]
    public void RunEpoch_WhenCancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        var trainer = new Trainer(Quick, Digits(0, 640));
        int steps = 0;
        Assert.That(() => trainer.RunEpoch(1, _ => { steps++; cancellation.Cancel(); }, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(1));
    }

    [Test]
    public void Constructor_OfOptionsOutOfRange_SaysWhatIsExpected()
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
        trainer.RunEpoch(1);
        trainer.RunEpoch(2);
        return Values(trainer.Weights());
    }

    /// <summary>All values of the small network.</summary>
    internal static float[] Values(NetworkWeights weights) => [.. Small.Parameters.SelectMany(parameter => weights[parameter.Name].ToArray())];
}
